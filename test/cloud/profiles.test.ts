import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { createServices } from '../../src/aws/services.ts';
import { MediaBatchError } from '../../src/core/errors.ts';
import { ensurePythonTool } from '../../src/local/tools/python-tools.ts';
import { IdentityServices } from '../helpers/identity-services.ts';
import { profileCases, type ProfileCase } from '../helpers/profile-cases.ts';

/** The same files and environment are given to the AWS CLI and to us: it is the same identity, or both refuse. */
describe('a profile is who the AWS CLI says', function () {
  this.timeout(60_000);
  const environment = { ...process.env };
  let identity: IdentityServices;
  let cli: string;
  let home: string;

  before(async () => {
    identity = await IdentityServices.start();
    cli = (await ensurePythonTool('awscli')).bin('aws');
  });
  after(() => identity.close());
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'media-batch-profile-'));
  });
  afterEach(async () => {
    replaceEnvironment(environment);
    await rm(home, { recursive: true });
  });

  for (const [group, cases] of Object.entries(profileCases())) {
    describe(group, () => {
      for (const one of cases) {
        it(one.what, async () => {
          await writeFiles(one);
          const env = environmentOf(one);
          const [theirs, ours] = await Promise.all([askCli(one, env), askOurs(one, env)]);
          assert.equal(ours.is, one.is, ours.why);
          assert.equal(theirs.is, one.butCli?.is ?? one.is, theirs.why);
          if (ours.is === 'refused') assert.doesNotMatch(ours.why, /secret-of|AWS refused/);
        });
      }
    });
  }

  const placed = (text: string) =>
    text.replaceAll('HOME/', `${home}/`).replaceAll('URL/', `${identity.url}/`);

  async function writeFiles({ config, credentials, files = {} }: ProfileCase): Promise<void> {
    const all = {
      ...(config !== undefined && { '.aws/config': config }),
      ...(credentials !== undefined && { '.aws/credentials': credentials }),
      ...files,
    };
    for (const [name, text] of Object.entries(all)) {
      const path = join(
        home,
        name.replace(/^SSO\/(.+)$/s, (_, id: string) => `.aws/sso/cache/${sha1(id)}.json`),
      );
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, placed(text));
      if (path.endsWith('.sh')) await chmod(path, 0o755);
    }
  }

  /** A machine with a role, whose account is none that a profile leads to. */
  function environmentOf({ env = {} }: ProfileCase): Record<string, string> {
    return {
      PATH: environment['PATH'] ?? '',
      HOME: home,
      AWS_REGION: 'eu-west-1',
      AWS_DEFAULT_REGION: 'eu-west-1',
      AWS_ENDPOINT_URL: identity.url,
      AWS_EC2_METADATA_SERVICE_ENDPOINT: `${identity.url}/`,
      AWS_MAX_ATTEMPTS: '1',
      ...Object.fromEntries(Object.entries(env).map(([name, value]) => [name, placed(value)])),
    };
  }

  async function askCli({ profile }: ProfileCase, env: Record<string, string>): Promise<Told> {
    const chosen = profile === undefined ? [] : ['--profile', profile];
    const args = ['sts', 'get-caller-identity', '--query', 'Arn', '--output', 'text', ...chosen];
    try {
      const asking = promisify(execFile)(cli, args, { env, timeout: 30_000 });
      // What it starts asks in vain, as with us.
      asking.child.stdin?.end();
      return { is: (await asking).stdout.trim(), why: '' };
    } catch (error) {
      const { stderr = '' } = error as { stderr?: string };
      return { is: 'refused', why: stderr };
    }
  }

  async function askOurs({ profile }: ProfileCase, env: Record<string, string>): Promise<Told> {
    replaceEnvironment(env);
    const services = createServices({ region: 'eu-west-1', profile });
    try {
      return { is: (await services.identity.caller()).arn, why: '' };
    } catch (error) {
      if (!(error instanceof MediaBatchError)) throw error;
      return { is: 'refused', why: error.message };
    } finally {
      services.dispose();
    }
  }
});

interface Told {
  readonly is: string;
  /** the sentence of a refusal */
  readonly why: string;
}

function replaceEnvironment(env: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(process.env)) if (!(name in env)) Reflect.deleteProperty(process.env, name);
  Object.assign(process.env, env);
}

function sha1(text: string): string {
  return createHash('sha1').update(text).digest('hex');
}
