import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensurePythonTool } from '../../src/local/tools/python-tools.ts';
import { buildTemplate, ENUMERATOR_FILE } from './built-template.ts';

/** The region whose rules are read; the template uses nothing that differs between regions. */
const REGION = 'us-east-1';

describe('cfn-lint', function () {
  // The first run installs it.
  this.timeout(180_000);
  let folder: string;
  let text: string;
  let program: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'media-batch-lint-'));
    text = await buildTemplate();
    program = (await ensurePythonTool('cfn-lint')).bin('cfn-lint');
  });

  after(() => rm(folder, { recursive: true, force: true }));

  /** @returns the findings, one a line; empty where there is none */
  async function lint(template: string): Promise<string> {
    const file = join(folder, 'template.yaml');
    await writeFile(file, template);
    return new Promise((resolve, reject) => {
      execFile(
        program,
        ['--format', 'parseable', '--regions', REGION, '--', file],
        (error, stdout, stderr) => {
          // Its exit code says which severities it found; anything on standard error is a failure of its own.
          if (stderr !== '' || (error && typeof error.code !== 'number'))
            reject(new Error(stderr, { cause: error }));
          else resolve(stdout.trim());
        },
      );
    });
  }

  it('finds nothing in the built template', async () => {
    assert.equal(await lint(text), '');
  });

  /** It knows the integrations of the usual partition only, and does not fill the substitutions of a definition in. */
  const enumerator = async (): Promise<string> =>
    (await readFile(ENUMERATOR_FILE, 'utf8')).replaceAll('arn:${Partition}:states', 'arn:aws:states');

  it('finds nothing in the template of the cloud enqueue', async () => {
    assert.equal(await lint(await enumerator()), '');
  });

  it('finds a state of no kind', async () => {
    const built = await enumerator();
    const broken = built.replace(String.raw`\"Type\":\"Wait\"`, String.raw`\"Type\":\"Sleep\"`);
    assert.notEqual(broken, built);
    assert.match(await lint(broken), /Sleep/);
  });

  it('finds a visibility timeout below the consumer’s own', async () => {
    const broken = text.replace('VisibilityTimeout: 120', 'VisibilityTimeout: 5');
    assert.notEqual(broken, text);
    assert.match(await lint(broken), /E3505/);
  });

  it('finds a reference to nothing', async () => {
    const broken = text.replace('!GetAtt WorkQueue.Arn', '!GetAtt NoSuchQueue.Arn');
    assert.notEqual(broken, text);
    assert.match(await lint(broken), /NoSuchQueue/);
  });
});
