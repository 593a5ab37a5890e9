import assert from 'node:assert/strict';
import dns from 'node:dns';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServices, profileDefaults } from '../../../../src/aws/services.ts';
import type { CloudServices } from '../../../../src/core/stack/cloud-services.ts';
import { MediaBatchError } from '../../../../src/core/errors.ts';
import { AwsHome } from '../../../helpers/aws-home.ts';

const KEYS =
  'aws_access_key_id = AKIAU\naws_secret_access_key = s\naws_account_id = 111122223333\nmax_attempts = 1\n';
const ARN = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:k';
const PARAMETER = 'arn:aws:ssm:eu-west-1:111122223333:parameter/k';

/** One call of each client. */
const CALLS: readonly ((services: CloudServices) => Promise<unknown>)[] = [
  ({ buckets }) => buckets.buckets(),
  ({ queues }) => queues.depth('https://sqs.eu-west-1.amazonaws.com/111122223333/q'),
  ({ batches }) => batches.read('t', 'b'),
  ({ dispatch }) => dispatch.mapping('m'),
  ({ secrets }) => secrets.put(ARN, 'k'),
  ({ secrets }) => secrets.put(PARAMETER, 'k'),
  ({ stacks }) => stacks.describe('s'),
  ({ identity }) => identity.caller(),
];

describe('AWS settings of a profile', () => {
  let home: AwsHome;
  const { lookup } = dns;
  /** hosts that were called, each once */
  let hosts: Set<string>;

  beforeEach(async () => {
    home = await AwsHome.make();
    hosts = new Set();
    Object.assign(dns, {
      lookup: (host: string, _options: object, done: (error: Error) => void) => {
        hosts.add(host);
        done(Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: 'ENOTFOUND' }));
      },
    });
  });
  afterEach(async () => {
    Object.assign(dns, { lookup });
    await home.remove();
  });

  async function call(profile: string | undefined, calls = CALLS): Promise<string[]> {
    hosts.clear();
    const services = createServices({ region: 'eu-west-1', profile });
    for (const one of calls) await assert.rejects(one(services), (error) => error instanceof MediaBatchError);
    services.dispose();
    return [...hosts].sort();
  }

  const PLAIN = [
    '111122223333.ddb.eu-west-1.amazonaws.com',
    'cloudformation.eu-west-1.amazonaws.com',
    'lambda.eu-west-1.amazonaws.com',
    's3.eu-west-1.amazonaws.com',
    'secretsmanager.eu-west-1.amazonaws.com',
    'sqs.eu-west-1.amazonaws.com',
    'ssm.eu-west-1.amazonaws.com',
    'sts.eu-west-1.amazonaws.com',
  ];

  it('are used by every client, and settings of other profiles are not', async () => {
    const special =
      'use_fips_endpoint = TRUE\nuse_dualstack_endpoint = true\naccount_id_endpoint_mode = disabled\n';
    await home.write(
      '.aws/config',
      `[default]\n${KEYS}${special}endpoint_url = http://default.example\n[profile plain]\n${KEYS}[profile "my fips"]\n${KEYS}${special}`,
    );
    for (const env of [{}, { AWS_PROFILE: 'my fips' }]) {
      home.environment(env);
      assert.deepEqual(await call('plain'), PLAIN);
    }
    home.environment({ AWS_PROFILE: 'plain' });
    const fips = await call('my fips');
    assert.deepEqual(fips, [
      'cloudformation-fips.eu-west-1.api.aws',
      'dynamodb-fips.eu-west-1.api.aws',
      'lambda-fips.eu-west-1.api.aws',
      's3-fips.dualstack.eu-west-1.amazonaws.com',
      // The SDK's rules have no dual-stack address for both.
      'secretsmanager-fips.eu-west-1.amazonaws.com',
      'sqs-fips.eu-west-1.api.aws',
      'ssm-fips.eu-west-1.api.aws',
      'sts-fips.eu-west-1.api.aws',
    ]);
    assert.deepEqual(await call(undefined), PLAIN);
  });

  it('have the region, which the environment may name', async () => {
    await home.write(
      '.aws/config',
      `[default]\nregion = eu-north-1\n[profile "my team"]\nregion = us-west-2\nendpoint_url = http://team.example\n[profile none]\n${KEYS}`,
    );
    const team = { region: 'us-west-2', endpoint: 'http://team.example' };
    assert.deepEqual(await profileDefaults('my team'), team);
    assert.deepEqual(await profileDefaults('none'), { region: undefined, endpoint: undefined });
    assert.equal((await profileDefaults(undefined)).region, 'eu-north-1');
    home.environment({ AWS_PROFILE: 'my team' });
    assert.deepEqual(await profileDefaults(undefined), team);
    assert.deepEqual(await profileDefaults('none'), { region: undefined, endpoint: undefined });
    home.environment({ AWS_DEFAULT_REGION: 'eu-west-3' });
    assert.equal((await profileDefaults('my team')).region, 'eu-west-3');
    home.environment({ AWS_DEFAULT_REGION: 'eu-west-3', AWS_REGION: 'eu-west-2' });
    assert.equal((await profileDefaults('my team')).region, 'eu-west-2');
    await assert.rejects(profileDefaults('my  team'), { code: 'no-credentials' });
  });

  it('give way to the environment', async () => {
    await home.write('.aws/config', `[profile p]\n${KEYS}use_fips_endpoint = true\n`);
    home.environment({ AWS_USE_FIPS_ENDPOINT: 'false', AWS_USE_DUALSTACK_ENDPOINT: 'true' });
    assert.deepEqual(await call('p', CALLS.slice(-1)), ['sts.eu-west-1.api.aws']);
  });

  it('have endpoints, also by service, unless a setting says to ignore them', async () => {
    const config = (extra = '') =>
      `[default]\nendpoint_url = http://default.example\n[profile p]\n${KEYS}${extra}endpoint_url = http://all.example\nservices = mine too\n[services "mine too"]\nsts =\n  endpoint_url = http://sts.example\nsecrets_manager =\n  endpoint_url = http://secrets.example\n`;
    await home.write('.aws/config', config());
    assert.deepEqual(await call('p'), ['all.example', 'secrets.example', 'sts.example']);
    home.environment({ AWS_ENDPOINT_URL_STS: 'http://env-sts.example' });
    assert.deepEqual(await call('p', CALLS.slice(-1)), ['env-sts.example']);
    home.environment({});
    await home.write('.aws/config', config('ignore_configured_endpoint_urls = true\n'));
    assert.deepEqual(await call('p'), PLAIN);
  });

  it('of the role that is assumed are those of the chosen profile', async () => {
    await home.write(
      '.aws/config',
      `[profile r]\nrole_arn = arn:aws:iam::111122223333:role/r\nsource_profile = u\nuse_fips_endpoint = true\nmax_attempts = 1\n[profile u]\n${KEYS}endpoint_url = http://source.example\n`,
    );
    assert.deepEqual(await call('r', CALLS.slice(0, 1)), ['sts-fips.eu-west-1.amazonaws.com']);
  });

  it('that cannot be used are named, with the rule', async () => {
    for (const [line, says] of [
      ['retry_mode = often', /retry_mode cannot be "often".*legacy, standard, adaptive/],
      ['max_attempts = 0', /max_attempts cannot be "0"/],
      ['account_id_endpoint_mode = maybe', /account_id_endpoint_mode cannot be "maybe"/],
      ['services = gone', /services cannot be "gone"/],
      ['ca_bundle = /nowhere/ca.pem', /certificates in \/nowhere\/ca\.pem/],
    ] as const) {
      await home.write('.aws/config', `[profile p]\n${KEYS.replace(/max.*\n/, '')}${line}\n`);
      const services = createServices({ region: 'eu-west-1', profile: 'p' });
      await assert.rejects(services.identity.caller(), (error) => {
        assert.ok(error instanceof MediaBatchError && error.code === 'invalid-input', line);
        assert.match(error.message, says);
        return true;
      });
      services.dispose();
    }
  });

  it('say how often a call is tried; else it is five times', async () => {
    Object.assign(dns, { lookup });
    let calls = 0;
    const server = createServer((_, response) => {
      calls += 1;
      response.writeHead(500).end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const endpoint = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    const tries = async (lines: string, env: Record<string, string> = {}) => {
      home.environment(env);
      const keys = KEYS.replace('max_attempts = 1\n', '');
      await home.write(
        '.aws/config',
        `[default]\nmax_attempts = 4\n[profile p]\n${keys}endpoint_url = ${endpoint}\n${lines}`,
      );
      calls = 0;
      const services = createServices({ region: 'eu-west-1', profile: 'p' });
      await assert.rejects(services.identity.caller());
      services.dispose();
      return calls;
    };
    try {
      assert.equal(await tries('max_attempts = 2\nretry_mode = legacy\n'), 2);
      assert.equal(await tries('max_attempts = 2\n', { AWS_MAX_ATTEMPTS: '3' }), 3);
      assert.equal(await tries(''), 5);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});
