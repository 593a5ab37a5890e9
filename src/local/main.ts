import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { isAbort, messageOf } from '../core/errors.ts';
import { startLocalCloud, type LocalCloud } from './local-cloud.ts';
import { runMainJob } from './main-job.ts';
import { createBucketOwner } from './seed-bucket.ts';
import { isClean, type Summary } from './summary.ts';
import { createTerminal, type Terminal } from './terminal.ts';

const HELP = `The main job, end to end, on this machine: no AWS account, no Ittybit account.

  npm start -- [options]

  --files N   media files in the bucket (default 200)
  --json      the summary as the last line of standard output; everything else goes to standard error
  --keep      leave the local cloud up and say how to reach it; Ctrl+C ends it
  --help      this text`;

interface Options {
  readonly files: number;
  readonly json: boolean;
  readonly keep: boolean;
}

process.exitCode = await main();

/** @returns the exit code: 0 when every file has its result, 1 otherwise, 2 for options that cannot be read */
async function main(): Promise<number> {
  const options = readOptions();
  if (typeof options === 'number') return options;
  const terminal = createTerminal(options.json ? process.stderr : process.stdout);
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => {
      stop.abort();
    });
  }
  let cloud: LocalCloud | undefined;
  try {
    terminal.line('Media Batch: the main job on a local cloud');
    cloud = await startLocalCloud({
      signal: stop.signal,
      onProgress: (line) => {
        terminal.line(line);
      },
    });
    const owner = createBucketOwner(cloud.root);
    const summary = await runMainJob({ cloud, owner, terminal, files: options.files, signal: stop.signal });
    owner.dispose();
    show(terminal, summary);
    if (options.json) process.stdout.write(`${JSON.stringify(summary)}\n`);
    if (options.keep) await keep(cloud, terminal, stop.signal);
    return isClean(summary) ? 0 : 1;
  } catch (error) {
    terminal.line();
    terminal.line(isAbort(error) ? 'Stopped.' : `Failed: ${messageOf(error)}`);
    if (cloud && !isAbort(error)) terminal.line(`The emulator's log is ${cloud.emulator.logFile}.`);
    return 1;
  } finally {
    await cloud?.stop();
  }
}

function readOptions(): Options | number {
  try {
    const { values } = parseArgs({
      options: {
        files: { type: 'string', default: '200' },
        json: { type: 'boolean', default: false },
        keep: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) {
      console.log(HELP);
      return 0;
    }
    const files = Number(values.files);
    if (!Number.isInteger(files) || files < 1 || files > 1_000_000) {
      throw new TypeError('--files takes a whole number from 1 to 1,000,000.');
    }
    return { files, json: values.json, keep: values.keep };
  } catch (error) {
    console.error(`${messageOf(error)}\n\n${HELP}`);
    return 2;
  }
}

function show(terminal: Terminal, summary: Summary): void {
  terminal.heading('Result');
  terminal.table(
    ['', 'Files'],
    Object.entries(summary)
      .filter(([name]) => name !== 'seconds')
      .map(([name, count]) => [
        name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`),
        count as number,
      ]),
  );
  const verdict = isClean(summary)
    ? 'Nothing lost, nothing paid twice.'
    : 'NOT CLEAN: see lost, duplicate jobs and unfinished.';
  terminal.line(`${verdict} ${summary.succeeded + summary.failed} files in ${summary.seconds} s.`);
}

async function keep({ root, ittybit }: LocalCloud, terminal: Terminal, signal: AbortSignal): Promise<void> {
  const { endpoint, region, credentials } = root;
  terminal.heading('The local cloud stays up until Ctrl+C');
  terminal.line(`In a shell, for the AWS CLI (version 1 takes --endpoint-url ${endpoint} for sqs):
  export AWS_ENDPOINT_URL=${endpoint} AWS_REGION=${region} AWS_DEFAULT_REGION=${region}
  export AWS_ACCESS_KEY_ID=${credentials.accessKeyId} AWS_SECRET_ACCESS_KEY=${credentials.secretAccessKey}
  aws cloudformation describe-stacks --stack-name media-batch
For the extension, start the editor from that shell with the settings
  "mediaBatch.endpoint": "${endpoint}", "mediaBatch.region": "${region}"
The Ittybit stand-in is ${ittybit.url}`);
  if (!signal.aborted) await once(signal, 'abort');
}
