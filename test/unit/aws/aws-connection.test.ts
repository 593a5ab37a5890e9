import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SQSClient } from '@aws-sdk/client-sqs';
import { profileSettings } from '../../../src/aws/config/client-settings.ts';
import { openClients } from '../../../src/aws/open-clients.ts';
import { InvalidInputError } from '../../../src/core/errors.ts';

const CONFIG = `
[default]
endpoint_url = http://default.example

[profile local]
endpoint_url = http://local.example
services = local-services

[services local-services]
sqs =
  endpoint_url = http://sqs.example
secrets_manager =
  endpoint_url = http://secrets.example

[profile aws]
region = eu-west-1
`;

const VARIABLES = ['AWS_CONFIG_FILE', 'AWS_PROFILE', 'AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_SQS'];

describe('AWS connection', () => {
  const before = new Map(VARIABLES.map((name) => [name, process.env[name]]));
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'media-batch-config-'));
    await writeFile(join(folder, 'config'), CONFIG);
    for (const name of VARIABLES) Reflect.deleteProperty(process.env, name);
    process.env['AWS_CONFIG_FILE'] = join(folder, 'config');
  });

  afterEach(async () => {
    for (const [name, value] of before) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
    await rm(folder, { recursive: true });
  });

  const configuredEndpoint = async (serviceId: string, profile: string | undefined) =>
    (await profileSettings(profile)).endpoint(serviceId);

  it("takes the profile's endpoint, its services section first", async () => {
    assert.equal(await configuredEndpoint('S3', 'local'), 'http://local.example');
    assert.equal(await configuredEndpoint('SQS', 'local'), 'http://sqs.example');
    assert.equal(await configuredEndpoint('Secrets Manager', 'local'), 'http://secrets.example');
    assert.equal(await configuredEndpoint('S3', undefined), 'http://default.example');
  });

  it('names an endpoint that is no address', async () => {
    for (const text of ['localhost:4566', 'not a url', '//sqs.example', 'ftp://sqs.example']) {
      process.env['AWS_ENDPOINT_URL_SQS'] = text;
      await assert.rejects(
        configuredEndpoint('SQS', 'local'),
        (error) =>
          error instanceof InvalidInputError &&
          error.message.includes(`The AWS setting endpoint_url cannot be "${text}"`) &&
          /make it an address/.test(error.message),
      );
    }
  });

  it('takes the defaults mode of the profile, which the SDK would read from that of AWS_PROFILE', async () => {
    await writeFile(
      join(folder, 'config'),
      '[default]\ndefaults_mode = mobile\n[profile odd]\ndefaults_mode = Standard\n[profile plain]\nregion = eu-west-1\n[profile bad]\ndefaults_mode = fast\n',
    );
    const modeOf = async (profile: string) => {
      const clients = openClients({ region: 'eu-west-1', profile });
      const service = clients.service('sqs', (config) => new SQSClient(config));
      const mode = await service.call('ListQueues', async ({ config: { defaultsMode } }) =>
        typeof defaultsMode === 'function' ? defaultsMode() : defaultsMode,
      );
      clients.destroy();
      return mode;
    };
    for (const named of ['default', 'odd', 'plain']) {
      process.env['AWS_PROFILE'] = named;
      assert.equal(await modeOf('plain'), 'legacy', named);
      assert.equal(await modeOf('odd'), 'standard', named);
    }
    await assert.rejects(modeOf('bad'), /The AWS setting defaults_mode cannot be "fast"/);
  });

  it('does not take the endpoint of another profile', async () => {
    assert.equal(await configuredEndpoint('S3', 'aws'), undefined);
  });

  it('lets the environment take precedence over the profile', async () => {
    process.env['AWS_ENDPOINT_URL'] = 'http://all.example';
    process.env['AWS_ENDPOINT_URL_SQS'] = 'http://queue.example';
    assert.equal(await configuredEndpoint('S3', 'local'), 'http://all.example');
    assert.equal(await configuredEndpoint('SQS', 'local'), 'http://queue.example');
  });

  it('makes one client per service and region, on first use, and destroys them all', async () => {
    const log: string[] = [];
    const clients = openClients({
      region: 'eu-west-1',
      endpoint: 'http://given.example',
      profile: 'local',
    });
    const service = clients.service('sqs', ({ region, endpoint }) => {
      log.push(`made ${region} ${String(endpoint)}`);
      return { destroy: () => log.push('destroyed') };
    });
    assert.deepEqual(log, []);
    await Promise.all([service.call('A', async () => 1), service.call('B', async () => 2)]);
    await service.call('C', async () => 3, { region: 'us-east-1' });
    clients.destroy();
    assert.deepEqual(log, [
      'made eu-west-1 http://given.example',
      'made us-east-1 http://given.example',
      'destroyed',
      'destroyed',
    ]);
  });
});
