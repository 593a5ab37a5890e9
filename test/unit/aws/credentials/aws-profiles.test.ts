import assert from 'node:assert/strict';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { profileSettings } from '../../../../src/aws/config/client-settings.ts';
import { configFiles } from '../../../../src/aws/config/config-files.ts';
import { profileCredentials } from '../../../../src/aws/credentials/profile-credentials.ts';
import { readProfiles } from '../../../../src/aws/credentials/profiles.ts';
import { AwsError } from '../../../../src/core/errors.ts';

const VARIABLES = ['HOME', 'AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE', 'AWS_PROFILE'];

const CONFIG = `
[default]
region = us-east-1

[profile media]
sso_session = corp
sso_account_id = 111122223333
sso_role_name = Media
region = eu-west-1

[sso-session corp]
sso_start_url = https://corp.awsapps.com/start
sso_region = us-east-1

[profile old-sso]
sso_start_url = https://corp.awsapps.com/start
sso_region = us-east-1
sso_account_id = 111122223333
sso_role_name = Media

[profile console]
login_session = arn:aws:iam::111122223333:user/me

[profile role]
role_arn = arn:aws:iam::444455556666:role/media
source_profile = media
mfa_serial = arn:aws:iam::111122223333:mfa/me
services = local

[services local]
cloudformation =
  endpoint_url = http://cloudformation.example

[profile tool]
credential_process = /bin/credentials
endpoint_url = http://tool.example

[profile web]
role_arn = arn:aws:iam::444455556666:role/media
web_identity_token_file = /token
`;

const CREDENTIALS = `
[default]
aws_access_key_id = AKIAEXAMPLE
aws_secret_access_key = secret

[only-here]
aws_access_key_id = AKIAEXAMPLE
aws_secret_access_key = secret
`;

describe('AWS profiles', () => {
  const before = new Map(VARIABLES.map((name) => [name, process.env[name]]));
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'media-batch-profiles-'));
    process.env['AWS_CONFIG_FILE'] = join(folder, 'config');
    process.env['AWS_SHARED_CREDENTIALS_FILE'] = join(folder, 'credentials');
  });

  afterEach(async () => {
    for (const [name, value] of before) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
    await rm(folder, { recursive: true });
  });

  async function read(config: string, credentials = '') {
    await writeFile(join(folder, 'config'), config);
    await writeFile(join(folder, 'credentials'), credentials);
    return readProfiles();
  }

  it('are those of both files, by name, with what they say', async () => {
    const none = { source: undefined, region: undefined, endpoint: undefined, problem: undefined };
    assert.deepEqual(await read(CONFIG, CREDENTIALS), [
      { ...none, name: 'console', kind: 'login' },
      { ...none, name: 'default', kind: 'keys', region: 'us-east-1' },
      { ...none, name: 'media', kind: 'sso', region: 'eu-west-1' },
      { ...none, name: 'old-sso', kind: 'sso' },
      { ...none, name: 'only-here', kind: 'keys' },
      {
        ...none,
        name: 'role',
        kind: 'assume-role',
        source: 'media',
        endpoint: 'http://cloudformation.example',
      },
      { ...none, name: 'tool', kind: 'process', endpoint: 'http://tool.example' },
      { ...none, name: 'web', kind: 'other' },
    ]);
  });

  it('are where the environment says, else at home', async () => {
    process.env['HOME'] = '/home/me';
    process.env['AWS_SHARED_CREDENTIALS_FILE'] = '~/keys';
    process.env['AWS_PROFILE'] = 'media';
    Reflect.deleteProperty(process.env, 'AWS_CONFIG_FILE');
    assert.deepEqual(configFiles(), {
      config: '/home/me/.aws/config',
      credentials: '/home/me/keys',
      tokens: ['/home/me/.aws/sso/cache', '/home/me/.aws/login/cache'],
      defaultProfile: 'media',
      environmentKeys: false,
    });
  });

  it('are none where there are no files', async () => {
    assert.deepEqual(await readProfiles(), []);
  });

  it('survive hostile section names', async () => {
    const keys = 'aws_access_key_id = A\naws_secret_access_key = S\n';
    const names = ['$(rm -rf ~)', '"; calc.exe; "', '\u202egnp.exe', '-x', 'a'.repeat(5000), 'x] [y'];
    const profiles = await read('', names.map((name) => `[${name}]\n${keys}`).join('\n'));
    assert.deepEqual(profiles.map(({ name }) => name).sort(), [...names].sort());
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      for (const { kind } of await read(`[profile ${name}]\n${keys}`, `[${name}]\nregion = x\n`))
        assert.match(kind, /^(keys|other)$/);
    }
    assert.equal(Reflect.get({}, 'region'), undefined);
  });

  it('are read, or the file is named, for any content', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), fc.string(), async (config, credentials) => {
        try {
          for (const { name } of await read(config, credentials)) assert.equal(typeof name, 'string');
        } catch (error) {
          assert.ok(error instanceof AwsError, String(error));
          assert.match(error.message, /Neither Media Batch nor the AWS CLI can read .*(config|credentials) /);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('say why they cannot be used', async () => {
    const problems = await read(
      [
        '[profile "two words"]\ncredential_process = x',
        '[profile not quoted]\nregion = x',
        '[media]\nregion = x',
        '[profile place]\nregion = x',
        '[profile lost]\nrole_arn = r\nsource_profile = gone',
        '[profile corp]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = r',
        '[plugins]\nx = y',
      ].join('\n'),
    );
    assert.deepEqual(
      problems.map(({ name, problem }) => [name, problem?.replace(/:.*/, '')]),
      [
        [
          'corp',
          'AWS profile "corp" names the sso_session "corp", and there is no [sso-session corp] in the config file',
        ],
        ['lost', 'AWS profile "lost" has the source_profile "gone", which does not exist'],
        ['media', 'In the config file the AWS CLI reads a profile of that name from [profile media] only.'],
        ['place', 'AWS profile "place" has no credentials.'],
        ['profile not quoted', 'The AWS CLI does not read the header [profile not quoted]'],
        ['two words', undefined],
      ],
    );
  });

  it('are not read from a file that is damaged, with the line and nothing that is in it', async () => {
    for (const [text, says] of [
      ['[a]\naws_secret_access_key hush\n', /line 2: it is neither a section nor a setting/],
      ['[a]\nx = 1\n[b]\n[a]\n', /line 4: the section \[a\] appears twice/],
      ['[a]\nx = hush\nX = hush\n', /line 3: "x" appears twice/],
      ['\ufeff[a]\n', /line 1: it begins with a byte order mark/],
      ['[a]\ns3 =\n  hush\n', /line 2: a line below "s3" is not a setting/],
    ] as const)
      await assert.rejects(read('', text), (error) => {
        assert.ok(error instanceof AwsError && error.code === 'no-credentials');
        assert.match(error.message, says);
        assert.doesNotMatch(error.message, /hush/);
        return true;
      });
    await read('');
    await writeFile(join(folder, 'config'), Buffer.from([0x5b, 0xff, 0x5d]));
    await assert.rejects(readProfiles(), /it is not UTF-8/);
  });

  it('are missed in a file that cannot be opened, which is named', async () => {
    await read('');
    await rm(join(folder, 'config'));
    await symlink(join(folder, 'config'), join(folder, 'config'));
    await assert.rejects(profileSettings('media'), (error) => {
      assert.ok(error instanceof AwsError && error.code === 'no-credentials');
      assert.match(
        error.message,
        /"media" needs is in no AWS config file .*config \(ELOOP\) cannot: correct the permissions/,
      );
      return true;
    });
    await rm(join(folder, 'credentials'), { force: true });
    await symlink(join(folder, 'credentials'), join(folder, 'credentials'));
    await rm(join(folder, 'config'));
    await writeFile(join(folder, 'config'), '[profile media]\nregion = eu-west-1\n');
    const credentials = profileCredentials({ region: 'eu-west-1', profile: 'media' });
    await assert.rejects(credentials, /"media" needs .*credentials \(ELOOP\) cannot/);
    await rm(join(folder, 'credentials'));
    await rm(join(folder, 'config'));
    await assert.rejects(profileSettings('media'), /There is no AWS profile "media"/);
  });
});
