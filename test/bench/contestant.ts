/**
 * One run of one contestant, in a process of its own. The parent sends it a `Task`, it answers with a `Run`. The code and
 * the clients' modules are loaded before the clock starts, for both alike; ours has been asked what the editor's views ask,
 * and before an enqueue its thread has read one object, as the review does before it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { cpus } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { enqueuePrefix } from '../../src/app/batch/enqueue-prefix.ts';
import { planEnqueue } from '../../src/app/batch/plan-enqueue.ts';
import type * as Gateways from '../../src/aws/services.ts';
import { isAbort } from '../../src/core/errors.ts';
import type { CloudServices } from '../../src/core/stack/cloud-services.ts';
import type { StackOutputs } from '../../src/core/stack/stack-contract.ts';
import { guideScript } from './guide-script.ts';
import { BUCKET, JOB } from './responder-table.ts';
import { PREFIX } from './shapes.ts';

/** `cancel` is ours, cancelled midway; its seconds are those from the cancel to the end. */
export const CONTESTANTS = ['guide', 'ours', 'cancel', 'dry-run', 'not-yet-done'] as const;
export type Contestant = (typeof CONTESTANTS)[number];

export interface Task {
  readonly who: Contestant;
  readonly endpoint: string;
}

/** What one run took; memory is of the whole process, above what it had before the first call. */
export interface Run {
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** the share of the machine's cores that were busy with any process, 0 to 1 */
  readonly busy: number;
  readonly idleMb: number;
  readonly peakMb: number;
  /** of the thread that the editor's extension host would be, ms */
  readonly longestBlock: number;
  readonly sent: number;
}

const IDLE_MS = 500;
/** The enqueue that is cancelled has sent so many files. */
const CANCELLED_AT = 20_000;
const SAMPLE_MS = 20;
const MB = 1024 ** 2;
const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' };
const PIPELINE = {
  resultsTable: 'results',
  workQueueUrl: 'http://localhost/000000000000/work',
  connectionId: '',
} as StackOutputs;
const REQUEST = { bucket: BUCKET, prefix: PREFIX, job: JOB };

if (import.meta.main) process.once('message', (task: Task) => void run(task));

async function run({ who, endpoint }: Task): Promise<void> {
  const services = open(who, endpoint);
  await services?.batches.read(PIPELINE.resultsTable, 'none');
  await services?.queues.depth(PIPELINE.workQueueUrl);
  await sleep(IDLE_MS);
  const idle = process.memoryUsage.rss();
  let peak = idle;
  // Its memory counts, its start does not.
  if (services && (who === 'ours' || who === 'cancel'))
    await planEnqueue(REQUEST, PIPELINE, services, { limit: 1 });
  const sampling = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), SAMPLE_MS);
  const blocks = monitorEventLoopDelay({ resolution: 1 });
  const cpu = process.cpuUsage();
  const coresBefore = coreTimes();
  let begun = performance.now();
  blocks.enable();
  const sent =
    who === 'cancel' && services
      ? await cancel(services, () => (begun = performance.now()))
      : await work(who, endpoint, services);
  const seconds = (performance.now() - begun) / 1000;
  blocks.disable();
  const { user, system } = process.cpuUsage(cpu);
  const coresAfter = coreTimes();
  const busy = 1 - (coresAfter.idle - coresBefore.idle) / (coresAfter.all - coresBefore.all);
  clearInterval(sampling);
  services?.dispose();
  const result: Run = {
    ...{ seconds, sent, cpuSeconds: (user + system) / 1e6, busy, longestBlock: blocks.max / 1e6 },
    ...{ idleMb: idle / MB, peakMb: peak / MB },
  };
  process.send?.(result, () => process.exit());
}

/** @returns what the machine's cores have done since its start, ms */
function coreTimes(): { readonly idle: number; readonly all: number } {
  const times = cpus().map((core) => core.times);
  const sum = (of: (each: (typeof times)[number]) => number): number =>
    times.reduce((total, each) => total + of(each), 0);
  return {
    idle: sum(({ idle }) => idle),
    all: sum(({ user, nice, sys, idle, irq }) => user + nice + sys + idle + irq),
  };
}

/** @param onCancel called when it is cancelled @returns how many files were sent before */
async function cancel(services: CloudServices, onCancel: () => void): Promise<number> {
  const control = new AbortController();
  let last = 0;
  const onProgress = ({ sent }: { readonly sent: number }): void => {
    last = sent;
    if (sent < CANCELLED_AT || control.signal.aborted) return;
    onCancel();
    control.abort();
  };
  try {
    await enqueuePrefix(REQUEST, PIPELINE, services, { signal: control.signal, onProgress });
  } catch (error) {
    if (isAbort(error)) return last;
    throw error;
  }
  throw new Error('It came to its end before the cancel.');
}

/** The gateways as they ship, in dist/. */
function open(who: Contestant, endpoint: string): CloudServices | undefined {
  if (who === 'guide') return undefined;
  const { createServices } = createRequire(import.meta.url)('../../dist/aws.cjs') as typeof Gateways;
  const built = (name: string): string => join(import.meta.dirname, '../../dist', name);
  const connection = { region: 'us-east-1', endpoint, credentials: CREDENTIALS };
  return createServices(connection, { enqueue: built('enqueue-thread.cjs'), send: built('send-thread.cjs') });
}

async function work(who: Contestant, endpoint: string, services: CloudServices | undefined): Promise<number> {
  if (!services) {
    const config = { region: 'us-east-1', endpoint, credentials: CREDENTIALS };
    const place = { bucket: BUCKET, prefix: PREFIX, queueUrl: PIPELINE.workQueueUrl };
    return guideScript({ ...config, useQueueUrlAsEndpoint: false }, place);
  }
  if (who === 'ours') return (await enqueuePrefix(REQUEST, PIPELINE, services)).sent;
  const filter = who === 'not-yet-done' ? { not_yet_done: true } : {};
  const plan = await planEnqueue({ ...REQUEST, filter }, PIPELINE, services);
  return plan.files;
}
