import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { isAbort, messageOf } from '../core/errors.ts';
import { startLocalCloud, type LocalCloud } from './cloud/local-cloud.ts';
import { runMainJob } from './main-job.ts';
import { createBucketOwner } from './cloud/seed-bucket.ts';
import { isClean, type Summary } from './summary.ts';
import { createTerminal, type Terminal } from './tools/terminal.ts';
import { runPlayground } from './vscode/playground.ts';

/** About as many files as the emulator drains in one hour, which is how long the restricted user's session lasts. */
const MAX_FILES = 50_000;

const HELP = `The main job, end to end, on this machine: no AWS account, no Ittybit account.

  npm start -- [options]

  --files N   media files in the bucket (default 200)
  --json      the summary as the last line of standard output; the job's other output goes to standard error
  --keep      keep the local cloud running and say how to reach it; Ctrl+C ends it
  --cloud     Step Functions enqueues, by the template of the cloud enqueue, and not this process
  --vscode    no job: VS Code in a browser, with the extension signed in to the local cloud; Ctrl+C ends it
  --help      this text`;

interface Options {
  readonly files: number;
  readonly json: boolean;
  readonly keep: boolean;
  readonly vscode: boolean;
  readonly cloud: boolean;
}

process.exitCode = await main();

/** @returns the exit code: 0 when every file has its result, 1 otherwise, 2 for unreadable options, 130 when stopped */
async function main(): Promise<number> {
  const options = readOptions();
  if (typeof options === 'number') return options;
  const terminal = createTerminal(options.json ? process.stderr : process.stdout);
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    // `on`, not `once`: a second Ctrl+C must not end the clean-up.
    process.on(name, () => {
      stop.abort();
    });
  }
  let cloud: LocalCloud | undefined;
  try {
    terminal.line(`Media Batch: ${options.vscode ? 'VS Code' : 'the main job'} on a local cloud`);
    cloud = await startLocalCloud({
      signal: stop.signal,
      onProgress: (line) => {
        terminal.line(line);
      },
    });
    const summary = await run(cloud, terminal, options, stop.signal);
    if (!summary) return 0;
    show(terminal, summary);
    if (options.json) process.stdout.write(`${JSON.stringify(summary)}\n`);
    if (options.keep) await keep(cloud, terminal, stop.signal);
    return isClean(summary) ? 0 : 1;
  } catch (error) {
    terminal.line();
    if (isAbort(error)) {
      terminal.line('Stopped.');
      return 130;
    }
    terminal.line(`Failed: ${messageOf(error)}`);
    if (cloud) terminal.line(`The emulator's log is ${cloud.emulator.logFile}.`);
    return 1;
  } finally {
    await cloud?.stop();
  }
}

/** @returns the job's summary; undefined after the playground, which has none */
async function run(
  cloud: LocalCloud,
  terminal: Terminal,
  { files, vscode, cloud: inCloud }: Options,
  signal: AbortSignal,
): Promise<Summary | undefined> {
  const owner = createBucketOwner(cloud.root);
  const job = { cloud, owner, terminal, files, inCloud, signal };
  try {
    if (!vscode) return await runMainJob(job);
    await runPlayground(job);
    return undefined;
  } finally {
    owner.dispose();
  }
}

function readOptions(): Options | number {
  try {
    const { values } = parseArgs({
      options: {
        files: { type: 'string', default: '200' },
        json: { type: 'boolean', default: false },
        keep: { type: 'boolean', default: false },
        vscode: { type: 'boolean', default: false },
        cloud: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) {
      console.log(HELP);
      return 0;
    }
    const files = /^\d+$/.test(values.files) ? Number(values.files) : 0;
    if (files < 1 || files > MAX_FILES) throw new TypeError('--files takes a whole number from 1 to 50,000.');
    const { json, keep, vscode, cloud } = values;
    if (vscode && (json || keep || cloud)) throw new TypeError('--vscode can be combined with --files only.');
    return { files, json, keep, vscode, cloud };
  } catch (error) {
    console.error(`${messageOf(error)}\n\n${HELP}`);
    return 2;
  }
}

function show(terminal: Terminal, summary: Summary): void {
  terminal.heading('Result');
  const { seconds, ...counts } = summary;
  const names = {
    failed: 'failed at Ittybit',
    deadLettered: 'dead-lettered',
    unheard: 'without a callback',
    covered: 'covered, of the second batch',
    takenOver: 'covered, after the table was taken over',
    duplicateJobs: 'duplicate jobs',
  };
  terminal.table(
    ['', 'Files'],
    Object.entries(counts).map(([name, count]) => [
      name in names ? names[name as keyof typeof names] : name,
      count,
    ]),
  );
  const verdict = isClean(summary)
    ? 'Nothing lost, nothing paid twice.'
    : 'NOT CLEAN: see lost, duplicate jobs and unfinished.';
  terminal.line(`${verdict} ${summary.succeeded + summary.failed} files in ${seconds} s.`);
}

async function keep({ root, ittybit }: LocalCloud, terminal: Terminal, signal: AbortSignal): Promise<void> {
  const { endpoint, region, credentials } = root;
  terminal.heading('The local cloud runs until Ctrl+C');
  terminal.line(`In a shell, for the AWS CLI (version 1 needs --endpoint-url ${endpoint} for sqs):
  export AWS_ENDPOINT_URL=${endpoint} AWS_REGION=${region} AWS_DEFAULT_REGION=${region}
  export AWS_ACCESS_KEY_ID=${credentials.accessKeyId} AWS_SECRET_ACCESS_KEY=${credentials.secretAccessKey}
  aws cloudformation describe-stacks --stack-name media-batch
For the extension, start the editor from that shell with the settings
  "mediaBatch.endpoint": "${endpoint}", "mediaBatch.region": "${region}"
The Ittybit stand-in is ${ittybit.url}`);
  if (!signal.aborted) await once(signal, 'abort');
}
