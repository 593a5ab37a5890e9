import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { profileCredentials } from '../../../../src/aws/credentials/profile-credentials.ts';
import { createServices } from '../../../../src/aws/services.ts';
import { AwsError } from '../../../../src/core/errors.ts';

/** Credentials of the machine that runs the tests must not be used. */
const VARIABLES = [
  'HOME',
  'AWS_CONFIG_FILE',
  'AWS_SHARED_CREDENTIALS_FILE',
  'AWS_PROFILE',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_ENDPOINT_URL',
  'AWS_ENDPOINT_URL_STS',
  'AWS_REGION',
];
const SOON = () => new Date(Date.now() + 3_600_000).toISOString();

describe('AWS credentials', () => {
  const before = new Map(VARIABLES.map((name) => [name, process.env[name]]));
  let folder: string;
  let server: Server;
  let endpoint: string;
  /** action, access key that signed, and other parameters of interest */
  let calls: string[];
  /** ms until the credentials of a role expire */
  let roleLife: number;

  beforeEach(async () => {
    calls = [];
    roleLife = 3_600_000;
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { status, body, type } = answer(
          request.url ?? '',
          new URLSearchParams(Buffer.concat(chunks).toString()),
          /Credential=(\w+)\/\d+\/([\w-]+)/.exec(request.headers.authorization ?? ''),
        );
        response.writeHead(status, { 'content-type': type }).end(body);
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    endpoint = `http://127.0.0.1:${String(typeof address === 'object' ? address?.port : '')}`;
    folder = await mkdtemp(join(tmpdir(), 'media-batch-credentials-'));
    for (const name of VARIABLES) Reflect.deleteProperty(process.env, name);
    process.env['HOME'] = folder;
    await mkdir(join(folder, '.aws', 'sso', 'cache'), { recursive: true });
  });

  afterEach(async () => {
    for (const [name, value] of before) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  });

  /** STS and the SSO portal, as far as the providers call them. */
  function answer(path: string, form: URLSearchParams, signed: RegExpExecArray | null) {
    const by = `${signed?.[1] ?? 'nobody'} in ${signed?.[2] ?? 'no region'}`;
    if (path.startsWith('/federation/credentials')) {
      calls.push('GetRoleCredentials');
      const expiration = Date.now() + 3_600_000;
      return json({
        roleCredentials: { accessKeyId: 'SSOKEY', secretAccessKey: 's', sessionToken: 't', expiration },
      });
    }
    const action = form.get('Action') ?? '';
    const code = form.get('TokenCode');
    calls.push(`${action} by ${by}${code === null ? '' : ` with ${code}`}`);
    if (code === '000000') {
      const message = 'MultiFactorAuthentication failed with invalid MFA one time pass code.';
      return xml(
        403,
        `<ErrorResponse><Error><Code>AccessDenied</Code><Message>${message}</Message></Error></ErrorResponse>`,
      );
    }
    if (action === 'AssumeRole') {
      const role = form.get('RoleArn') ?? '';
      const key = role.split('/').at(-1)?.toUpperCase() ?? '';
      const end = new Date(Date.now() + roleLife).toISOString();
      const credentials = `<AccessKeyId>${key}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>${end}</Expiration>`;
      return xml(
        200,
        `<AssumeRoleResponse><AssumeRoleResult><Credentials>${credentials}</Credentials><AssumedRoleUser><Arn>${role}/session</Arn><AssumedRoleId>a</AssumedRoleId></AssumedRoleUser></AssumeRoleResult></AssumeRoleResponse>`,
      );
    }
    return xml(
      200,
      '<GetCallerIdentityResponse><GetCallerIdentityResult><Account>111122223333</Account><Arn>a</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>',
    );
  }

  async function configure(config: string) {
    await writeFile(join(folder, '.aws', 'config'), config.replaceAll('ENDPOINT', endpoint));
    await writeFile(
      join(folder, '.aws', 'credentials'),
      '[user]\naws_access_key_id = USERKEY\naws_secret_access_key = s\n',
    );
  }

  async function caller(profile: string, mfaCode?: (serial: string) => Promise<string>) {
    const services = createServices({ region: 'eu-west-1', profile, mfaCode });
    try {
      return await services.identity.caller();
    } finally {
      services.dispose();
    }
  }

  it('of a chain of roles are asked for at the endpoint of the profile, each hop with those before it', async () => {
    await configure(`
[default]
endpoint_url = http://127.0.0.1:1
[profile one]
role_arn = arn:aws:iam::111122223333:role/one
source_profile = user
[profile two]
role_arn = arn:aws:iam::111122223333:role/two
source_profile = one
endpoint_url = ENDPOINT
`);
    assert.equal((await caller('two')).account, '111122223333');
    assert.deepEqual(calls, [
      'AssumeRole by USERKEY in eu-west-1',
      'AssumeRole by ONE in eu-west-1',
      'GetCallerIdentity by TWO in eu-west-1',
    ]);
  });

  it('of a role are renewed as long as they are of the account that they began with', async () => {
    const role = (arn: string) => `
[profile role]
role_arn = ${arn}
source_profile = user
endpoint_url = ENDPOINT
`;
    roleLife = -1;
    await configure(role('arn:aws:iam::111122223333:role/one'));
    const services = createServices({ region: 'eu-west-1', profile: 'role' });
    try {
      await services.identity.caller();
      await configure(role('arn:aws:iam::111122223333:role/two'));
      await services.identity.caller();
      assert.ok(calls.includes('GetCallerIdentity by TWO in eu-west-1'), 'renewed');
      await configure(role('arn:aws:iam::444455556666:role/three'));
      await assert.rejects(
        services.identity.caller(),
        (error) =>
          error instanceof AwsError && error.code === 'no-credentials' && /111122223333/.test(error.message),
      );
      assert.ok(
        !calls.some((call) => call.startsWith('GetCallerIdentity by THREE')),
        'nothing is sent there',
      );
    } finally {
      services.dispose();
    }
  });

  it('of a session without an end are read again after ten seconds, and of the same account only', async () => {
    const keys = (name: string) =>
      writeFile(
        join(folder, '.aws', 'credentials'),
        `[session]\naws_access_key_id = ${name}\naws_secret_access_key = s\naws_session_token = t\n`,
      );
    await configure('[profile session]\nendpoint_url = ENDPOINT\n');
    await keys('OLD');
    const credentials = profileCredentials({ region: 'eu-west-1', profile: 'session' });
    const keyAfter = async (ms: number): Promise<string> => {
      const { now } = Date;
      Date.now = () => now() + ms;
      try {
        return (await credentials()).accessKeyId;
      } finally {
        Date.now = now;
      }
    };
    assert.equal(await keyAfter(0), 'OLD');
    await keys('NEW');
    assert.equal(await keyAfter(5_000), 'OLD');
    assert.equal(await keyAfter(11_000), 'NEW');
    assert.deepEqual(
      calls.filter((call) => call.startsWith('GetCallerIdentity')),
      ['GetCallerIdentity by OLD in eu-west-1', 'GetCallerIdentity by NEW in eu-west-1'],
    );
  });

  it('of a role are asked for with the code of the device', async () => {
    await configure(`
[profile role]
role_arn = arn:aws:iam::111122223333:role/one
source_profile = user
mfa_serial = arn:aws:iam::111122223333:mfa/me
endpoint_url = ENDPOINT
`);
    const asked: string[] = [];
    await caller('role', async (serial) => {
      asked.push(serial);
      return '123456';
    });
    assert.deepEqual(asked, ['arn:aws:iam::111122223333:mfa/me']);
    assert.equal(calls[0], 'AssumeRole by USERKEY in eu-west-1 with 123456');

    const stopped = new DOMException('stopped', 'AbortError');
    await assert.rejects(
      caller('role', () => Promise.reject(stopped)),
      (error) => error === stopped,
    );
    await assert.rejects(
      caller('role', async () => '000000'),
      (error) => error instanceof AwsError && error.code === 'expired-login' && /code/.test(error.message),
    );
  });

  it('of SSO are asked for at the endpoint of the profile, in any region', async () => {
    const cached = createHash('sha1').update('corp').digest('hex');
    await writeFile(
      join(folder, '.aws', 'sso', 'cache', `${cached}.json`),
      JSON.stringify({ accessToken: 'token', expiresAt: SOON() }),
    );
    const config = (to: string) => `
[profile media]
sso_session = corp
sso_account_id = 111122223333
sso_role_name = Media
endpoint_url = ${to}
[sso-session corp]
sso_start_url = https://corp.awsapps.com/start
sso_region = us-east-1
`;
    await configure(config('ENDPOINT'));
    await caller('media');
    assert.deepEqual(calls, ['GetRoleCredentials', 'GetCallerIdentity by SSOKEY in eu-west-1']);

    await configure(config('http://127.0.0.1:1'));
    await assert.rejects(
      caller('media'),
      (error) => error instanceof AwsError && error.code === 'unreachable',
    );
  });
});

function xml(status: number, body: string) {
  return { status, body, type: 'text/xml' };
}

function json(body: unknown) {
  return { status: 200, body: JSON.stringify(body), type: 'application/json' };
}
