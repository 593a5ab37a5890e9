import assert from 'node:assert/strict';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { emulatorEnvironment } from '../../src/local/cloud/emulator.ts';
import { startIttybit, type IttybitStandIn } from '../../src/local/ittybit/server.ts';
import { freePort, hasExited, stopProcessGroup } from '../../src/local/tools/process-group.ts';
import { ensurePythonTool } from '../../src/local/tools/python-tools.ts';
import { eventually } from '../helpers/wait-for.ts';
import { buildTemplate, TEMPLATE_FILE } from '../template/built-template.ts';

const KEY = 'ittybit_live_cli';
const STACK = 'from-the-cli';

/** No code of ours between the template and the engine: the plain AWS CLI, and the emulator as it is published. */
describe('the plain AWS CLI', function () {
  this.timeout(180_000);
  let folder: string;
  let endpoint: string;
  let emulator: ChildProcess;
  let ittybit: IttybitStandIn;
  let aws: (...args: string[]) => Promise<string>;

  before(async () => {
    await buildTemplate();
    folder = await mkdtemp(join(tmpdir(), 'media-batch-cli-'));
    ittybit = await startIttybit({ apiKeys: [KEY] });
    const port = await freePort();
    endpoint = `http://localhost:${port}`;
    emulator = await startStockEmulator(port, folder);
    await eventually('the emulator answers', () => isUp(emulator, endpoint));
    const cli = (await ensurePythonTool('awscli')).bin('aws');
    const env = {
      PATH: process.env['PATH'],
      HOME: folder,
      AWS_REGION: 'eu-west-1',
      AWS_DEFAULT_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_EC2_METADATA_DISABLED: 'true',
    };
    aws = async (...args) =>
      (
        await promisify(execFile)(cli, [...args, '--output', 'json', '--endpoint-url', endpoint], {
          env,
          timeout: 60_000,
        })
      ).stdout;
  });
  after(async () => {
    await stopProcessGroup(emulator, 500);
    await ittybit.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  });

  const deploy = (...parameters: string[]) =>
    aws(
      ...['cloudformation', 'deploy', '--template-file', TEMPLATE_FILE, '--stack-name', STACK],
      ...['--capabilities', 'CAPABILITY_IAM', '--no-fail-on-empty-changeset'],
      ...['--parameter-overrides', ...parameters],
    );

  it('deploys the built template with no help, and a message becomes a job and a result', async () => {
    await deploy(`IttybitApiUrl=${ittybit.url}`, 'MaximumBatchingWindow=0');
    const outputs = await outputsOf(aws);
    await aws(
      'secretsmanager',
      'put-secret-value',
      '--secret-id',
      outputs['ApiKeyArn']!,
      '--secret-string',
      KEY,
    );
    // The emulator keeps numbers of a template as text and polls no queue until they are set as numbers.
    await aws(
      ...['lambda', 'update-event-source-mapping', '--uuid', outputs['EventSourceMappingId']!],
      ...['--batch-size', '5', '--maximum-batching-window-in-seconds', '0'],
      ...['--scaling-config', 'MaximumConcurrency=2'],
    );
    const body = { bucket: 'film-archive', key: 'a film (1+1) 🎉.mp4' };
    const message = join(folder, 'message.json');
    await writeFile(message, JSON.stringify(body));
    await aws(
      ...[
        'sqs',
        'send-message',
        '--queue-url',
        outputs['WorkQueueUrl']!,
        '--message-body',
        `file://${message}`,
      ],
    );
    await eventually('Ittybit has the job', () => ittybit.book.jobs.length > 0 || undefined);
    await ittybit.settled(AbortSignal.timeout(20_000));
    assert.deepEqual(
      ittybit.book.jobs.map(({ request }) => request.input),
      [`s3://${body.bucket}/${body.key}`],
    );
    const key = { pk: { S: `s3://${body.bucket}/${body.key}` }, sk: { S: 'batch#default' } };
    const item = JSON.parse(
      await aws(
        ...['dynamodb', 'get-item', '--table-name', outputs['ResultsTableName']!],
        ...['--key', JSON.stringify(key)],
      ),
    ) as { Item: Record<string, { S: string }> };
    assert.equal(item.Item['status']?.S, 'succeeded');
  });

  it('deploys the same again without a change, and then updates one parameter', async () => {
    const before = await outputsOf(aws);
    const again = await deploy(`IttybitApiUrl=${ittybit.url}`, 'MaximumBatchingWindow=0');
    assert.match(again, /No changes to deploy/);
    // The CLI names a change set by the second.
    const second = Math.floor(Date.now() / 1000);
    await eventually('it is another second', () => Math.floor(Date.now() / 1000) > second || undefined);
    await deploy('MaxAttempts=5');
    assert.deepEqual(await outputsOf(aws), before);
    const { SecretString } = JSON.parse(
      await aws('secretsmanager', 'get-secret-value', '--secret-id', before['ApiKeyArn']!),
    ) as { SecretString: string };
    assert.equal(SecretString, KEY);
  });

  it('is told which parameter is wrong', async () => {
    await assert.rejects(deploy('IttybitApiUrl=http://example.com'), /IttybitApiUrl|https address/);
  });
});

async function outputsOf(aws: (...args: string[]) => Promise<string>): Promise<Record<string, string>> {
  const { Stacks } = JSON.parse(await aws('cloudformation', 'describe-stacks', '--stack-name', STACK)) as {
    Stacks: { Outputs: { OutputKey: string; OutputValue: string }[] }[];
  };
  return Object.fromEntries(
    (Stacks[0]?.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]),
  );
}

async function startStockEmulator(port: number, folder: string): Promise<ChildProcess> {
  const tool = await ensurePythonTool('ministack');
  const log = await open(join(folder, 'emulator.log'), 'w');
  const settings = { port, iam: true, home: folder, nodeBinDir: dirname(process.execPath) };
  const nodePath = join(import.meta.dirname, '../../node_modules');
  const child = spawn(tool.bin('ministack'), [], {
    cwd: folder,
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    env: emulatorEnvironment(process.env, { ...settings, nodePath }),
  });
  await log.close();
  return child;
}

async function isUp(emulator: ChildProcess, endpoint: string): Promise<true | undefined> {
  if (hasExited(emulator)) throw new Error('The emulator ended while starting.');
  try {
    return (await fetch(`${endpoint}/_ministack/health`)).ok || undefined;
  } catch {
    // Not listening yet.
    return undefined;
  }
}
