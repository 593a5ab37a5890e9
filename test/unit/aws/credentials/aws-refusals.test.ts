import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createServices } from '../../../../src/aws/services.ts';
import { AwsError, type AwsErrorCode } from '../../../../src/core/errors.ts';
import { AwsHome } from '../../../helpers/aws-home.ts';
import { IdentityServices } from '../../../helpers/identity-services.ts';

const SSO = 'sso_account_id = 111122223333\nsso_role_name = Media\n';
const SESSION =
  '[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = eu-west-1\n';
const LOGIN = '.aws/sso/cache/' + createHash('sha1').update('corp').digest('hex') + '.json';
const token = (change: object = {}) =>
  JSON.stringify({ accessToken: 'good', expiresAt: '2999-01-01T00:00:00Z', ...change });

/** What a profile says, the files around it, and the expected error. */
const REFUSALS: readonly {
  what: string;
  config: string;
  files?: Record<string, string>;
  code: AwsErrorCode;
  says: RegExp;
}[] = [
  {
    what: 'a process that fails with a message',
    config: 'credential_process = sh HOME/tool.sh --password hush',
    files: { 'tool.sh': 'echo hush-out\necho first >&2\necho "Error: the vault is locked" >&2\nexit 3\n' },
    code: 'no-credentials',
    says: /credential_process of AWS profile "p" \(sh\) gives no credentials: Error: the vault is locked \(exit 3\)\. Try that command in a terminal/,
  },
  {
    what: 'a process that fails and shows a secret',
    config: 'credential_process = sh HOME/tool.sh',
    files: { 'tool.sh': `echo "bad key ${'hush'.repeat(12)} of AKIAIOSFODNN7EXAMPLE" >&2\nexit 1\n` },
    code: 'no-credentials',
    says: /bad key \*\*\* of \*\*\* \(exit 1\)/,
  },
  {
    what: 'a process that is not there',
    config: 'credential_process = HOME/gone.sh hush',
    code: 'no-credentials',
    says: /gone\.sh\) gives no credentials: there is no such program\./,
  },
  {
    what: 'a process that prints a warning',
    config: 'credential_process = sh HOME/tool.sh',
    files: { 'tool.sh': 'echo WARNING hush\necho \'{"SecretAccessKey":"hush"}\'\n' },
    code: 'no-credentials',
    says: /prints something that is not JSON: a warning belongs on stderr\./,
  },
  {
    what: 'a process whose keys have expired',
    config: 'credential_process = sh HOME/tool.sh',
    files: {
      'tool.sh':
        'echo \'{"Version":1,"AccessKeyId":"A","SecretAccessKey":"hush","Expiration":"2020-01-01T00:00:00Z"}\'\n',
    },
    code: 'no-credentials',
    says: /the credentials that it gives have expired\./,
  },
  {
    what: 'a session that is not there',
    config: `sso_session = corp\n${SSO}`,
    code: 'no-credentials',
    says: /names the sso_session "corp", and there is no \[sso-session corp\]/,
  },
  {
    what: 'no login',
    config: `sso_session = corp\n${SSO}${SESSION}`,
    code: 'expired-login',
    says: /log in again \(with SSO: "aws sso login --profile p"\)/,
  },
  {
    what: 'a login that was ended',
    config: `sso_session = corp\n${SSO}${SESSION}`,
    files: { [LOGIN]: token({ accessToken: 'ended' }) },
    code: 'expired-login',
    says: /The login of AWS profile "p" has expired or was ended \(Session token not found or invalid\): log in again/,
  },
  {
    what: 'a role that is not given',
    config: `sso_session = corp\n${SSO.replace('Media', 'NotMine')}${SESSION}`,
    files: { [LOGIN]: token() },
    code: 'no-credentials',
    says: /does not give AWS profile "p" the role NotMine in account 111122223333 \("No access"\): ask your AWS administrator for that role/,
  },
  {
    what: 'a portal that is asked too often',
    config: `max_attempts = 1\nsso_session = corp\n${SSO.replace('Media', 'Busy')}${SESSION}`,
    files: { [LOGIN]: token() },
    code: 'throttled',
    says: /The SSO portal asks us to slow down .*: wait a minute .* a login does not help/,
  },
  {
    what: 'a console login that is not there',
    config: 'login_session = arn:aws:iam::111122223333:user/me',
    code: 'expired-login',
    says: /log in again/,
  },
  {
    what: 'a role whose source is not there',
    config: 'role_arn = arn:aws:iam::111122223333:role/one\nsource_profile = gone',
    code: 'no-credentials',
    says: /AWS profile "p" has the source_profile "gone", which does not exist/,
  },
];

describe('credentials that are refused', () => {
  let home: AwsHome;
  let identity: IdentityServices;

  beforeEach(async () => {
    home = await AwsHome.make();
    identity = await IdentityServices.start();
  });
  afterEach(async () => {
    await home.remove();
    await identity.close();
  });

  async function caller(profile: string, region = 'eu-west-1') {
    const services = createServices({ region, profile });
    try {
      return await services.identity.caller();
    } finally {
      services.dispose();
    }
  }

  for (const { what, config, files = {}, code, says } of REFUSALS) {
    it(`say why: ${what}`, async () => {
      home.environment({
        AWS_ENDPOINT_URL: identity.url,
        AWS_CONTAINER_CREDENTIALS_FULL_URI: `${identity.url}/container`,
      });
      await home.write('.aws/config', `[profile p]\n${config.replaceAll('HOME', home.path)}\n`);
      for (const [name, text] of Object.entries(files)) await home.write(name, text);
      await assert.rejects(caller('p'), (error) => {
        assert.ok(error instanceof AwsError, String(error));
        assert.equal(error.code, code, error.message);
        assert.match(error.message, says);
        let cause: unknown = error;
        for (; cause instanceof Error; cause = cause.cause) assert.doesNotMatch(cause.message, /hush/);
        return true;
      });
    });
  }

  it('end where keys that name no account lead to another one', async () => {
    const keys = (user: string, minutes: number) =>
      JSON.stringify({
        Version: 1,
        AccessKeyId: `AKIA${user}`,
        SecretAccessKey: `secret-of-${user}`,
        Expiration: new Date(Date.now() + minutes * 60_000).toISOString(),
      });
    await home.write('.aws/config', `[profile p]\ncredential_process = cat ${join(home.path, 'keys')}\n`);
    home.environment({ AWS_ENDPOINT_URL: identity.url });
    const services = createServices({ region: 'eu-west-1', profile: 'p' });
    try {
      await home.write('keys', keys('ONE', 4));
      assert.equal((await services.identity.caller()).account, '111122223333');
      await home.write('keys', keys('TWO', 4));
      assert.match((await services.identity.caller()).arn, /user\/TWO$/);
      await home.write('keys', keys('OTHER', 60));
      await assert.rejects(services.identity.caller(), (error) => {
        assert.ok(error instanceof AwsError && error.code === 'no-credentials');
        assert.match(error.message, /leads to account 444455556666 now, and this was begun in 111122223333/);
        return true;
      });
    } finally {
      services.dispose();
    }
  });

  describe('behind a certificate of a company', function () {
    this.timeout(20_000);
    let tls: IdentityServices | undefined;
    let ca: string;

    beforeEach(async function () {
      const [key, cert] = [join(home.path, 'key.pem'), join(home.path, 'ca.pem')];
      const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
      const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
      try {
        await promisify(execFile)('openssl', [
          'req',
          '-x509',
          ...curve,
          '-keyout',
          key,
          '-out',
          cert,
          ...subject,
        ]);
      } catch {
        // Only a machine with openssl can make one.
        this.skip();
      }
      ca = cert;
      tls = await IdentityServices.start({
        key: await readFile(key, 'utf8'),
        cert: await readFile(cert, 'utf8'),
      });
    });
    afterEach(() => tls?.close());

    const USER = 'aws_access_key_id = AKIAU\naws_secret_access_key = secret-of-U\n';
    const write = (lines: string, theDefault = '') =>
      home.write(
        '.aws/config',
        `[default]\n${theDefault}\n[profile p]\nendpoint_url = ${tls?.url ?? ''}\n${lines}`,
      );

    it('are read from the file that the environment or else the profile names', async () => {
      await write(`${USER}ca_bundle = ${ca}\n`);
      assert.match((await caller('p')).arn, /user\/U$/);
      await write(`${USER}ca_bundle = /nowhere\n`);
      home.environment({ AWS_CA_BUNDLE: ca });
      assert.match((await caller('p')).arn, /user\/U$/);
    });

    it('are read from the services that provide them, too', async () => {
      await home.write(LOGIN, token());
      await write(
        `ca_bundle = ${ca}\nrole_arn = arn:aws:iam::111122223333:role/one\nsource_profile = s\n[profile s]\nsso_session = corp\n${SSO}${SESSION}`,
      );
      assert.match(
        (await caller('p')).arn,
        /assumed-role\/one\/.* by arn:aws:sts::111122223333:assumed-role\/Media\/me/,
      );
    });

    it('are refused elsewhere, with a message about the certificate', async () => {
      await home.write(LOGIN, token());
      for (const lines of [USER, `sso_session = corp\n${SSO}${SESSION}`]) {
        await write(lines, `ca_bundle = ${ca}`);
        await assert.rejects(caller('p'), (error) => {
          assert.ok(error instanceof AwsError && error.code === 'untrusted-certificate', String(error));
          assert.match(error.message, /not trusted here .*ca_bundle of the AWS profile, or AWS_CA_BUNDLE/);
          return true;
        });
      }
    });
  });
});
