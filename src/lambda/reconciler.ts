import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { Context } from 'aws-lambda';
import { pacedJobs } from '../app/batch/paced-jobs.ts';
import { reconcile } from '../app/batch/reconcile.ts';
import { createSlots } from '../app/batch/slots.ts';
import { isPaused, reconcileDispatch } from '../app/stack/reconcile-dispatch.ts';
import { putGauges } from '../aws/gauges.ts';
import { dynamoOpenFiles } from '../aws/open-files.ts';
import { letterQueue, messageSender, queueDepth } from '../aws/queue-mail.ts';
import { beginRun } from '../aws/reconciler-log.ts';
import { messageOf } from '../core/errors.ts';
import type { JobsApi } from '../core/ittybit/jobs-api.ts';
import type { Gauges } from '../core/stack/gauges.ts';
import { askedJob, readRequest, type ReconcilerSummary } from '../core/stack/reconciler-run.ts';
import { fromEnv } from './env.ts';
import { createStackParts } from './stack-parts.ts';

/** What is left of a run after its last file, in ms: enough for one request to Ittybit and the record of the run. */
const RESERVE_MS = 15_000;

/** How long Ittybit has to say what it knows of a job, in ms. */
const LOOK_UP_MS = 10_000;

/**
 * The reconciler: EventBridge runs it each minute, and the editor on demand. The editor also asks it for one job. A run
 * raises the error that its record has as well, so that the function's metric of errors counts it.
 * @throws Error naming a missing variable
 */
export function createReconciler(): (event: unknown, context: Context) => Promise<Answer> {
  const env = fromEnv(['WORK_QUEUE_URL', 'DEAD_LETTER_QUEUE_URL', 'CONSUMER_FUNCTION_NAME', 'BRAKE_PERCENT']);
  const stack = createStackParts('reconciler');
  const { dynamo, table, sqs, now } = stack;
  const cloudWatch = new CloudWatchClient({});
  const dispatch = stack.dispatchOf(env.CONSUMER_FUNCTION_NAME);

  /** @returns what the queues hold after the work */
  async function work({ event, did, gauges, deadlineMs, lettersBefore }: Work): Promise<Depths> {
    await reconcileDispatch(dispatch, did, now());
    const state = await dispatch.readDispatch();
    gauges.Paused = Number(await isPaused(state, dispatch));
    let key: Promise<string> | undefined;
    const slots = createSlots({ ...stack, store: stack.pace, deadlineMs, obeysStops: false });
    const services = {
      ...stack,
      api: pacedJobs(stack.api, slots.series(), now),
      openFiles: dynamoOpenFiles(dynamo, table),
      letters: letterQueue(sqs, env.DEAD_LETTER_QUEUE_URL),
      send: messageSender(sqs, env.WORK_QUEUE_URL),
      dispatch: () => Promise.resolve(state),
      order: stack.createOrders(),
      apiKey: () => (key ??= stack.apiKey(true)),
      random: Math.random,
      brakePercent: Number(env.BRAKE_PERCENT),
    };
    const request = readRequest(event);
    const { held, silent, ...done } = await reconcile({ ...request, deadlineMs }, services);
    Object.assign(did, done);
    const letters = await queueDepth(sqs, env.DEAD_LETTER_QUEUE_URL);
    // A run for one batch has not seen the others.
    if (request.batch === undefined) Object.assign(gauges, { Held: held, Silent: silent });
    gauges.NewDeadLetters = Math.max(0, letters - (lettersBefore ?? letters));
    return { work: await queueDepth(sqs, env.WORK_QUEUE_URL), letters };
  }

  return async (event, context) => {
    const found = await lookUp(event, stack);
    if (found) return found;
    const deadlineMs = now() + context.getRemainingTimeInMillis() - RESERVE_MS;
    const run = await beginRun(dynamo, table, stack.stackId, now);
    if (!run) return { busy: true, did: {} };
    const did: Record<string, number> = {};
    const gauges: Writable<Gauges> = {};
    try {
      const depths = await work({ event, did, gauges, deadlineMs, lettersBefore: run.lettersBefore });
      await putGauges(cloudWatch, stack.stackId, gauges);
      await run.end(did, undefined, depths);
    } catch (error) {
      // A pause is told even where the table or Ittybit fails. The first error is the one to raise.
      const paused = putGauges(cloudWatch, stack.stackId, { Paused: gauges.Paused });
      await Promise.allSettled([run.end(did, messageOf(error)), paused]);
      throw error;
    }
    console.log(JSON.stringify({ did, gauges }));
    return { busy: false, did };
  };
}

/** @returns what Ittybit knows of the job that the event asks for; undefined where it asks for a run */
async function lookUp(
  event: unknown,
  stack: ReturnType<typeof createStackParts>,
): Promise<Awaited<ReturnType<JobsApi['get']>> | undefined> {
  const job = askedJob(event);
  return job === undefined ? undefined : stack.api.get(await stack.apiKey(true), job, LOOK_UP_MS);
}

/** Of a run, or of a look-up. */
type Answer = ReconcilerSummary | Awaited<ReturnType<JobsApi['get']>>;

/** Messages in the two queues. */
interface Depths {
  readonly work: number;
  readonly letters: number;
}

/** What one run gathers. */
interface Work {
  readonly event: unknown;
  readonly did: Record<string, number>;
  readonly gauges: Writable<Gauges>;
  /** epoch ms */
  readonly deadlineMs: number;
  readonly lettersBefore: number | undefined;
}
type Writable<Type> = { -readonly [Name in keyof Type]: Type[Name] };
