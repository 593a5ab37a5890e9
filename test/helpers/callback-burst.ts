import { receiveCallback, type Callback } from '../../src/app/batch/receive-callback.ts';
import { dynamoLedger } from '../../src/aws/dynamo-ledger.ts';
import { firstItem, move } from '../../src/core/batch/item-step.ts';
import { resultItem } from '../../src/core/batch/result-codec.ts';
import { resultKey } from '../../src/core/batch/table-keys.ts';
import { webhookPath } from '../../src/core/ittybit/signed-address.ts';
import { seeded } from './count-load.ts';
import { cancelled, MemoryTable } from './memory-table.ts';
import { VirtualTime } from './virtual-time.ts';

const KEY = 'signing-key-of-at-least-32-characters';
/** A transaction holds its items this long, in ms. */
const HOLD_MS = 12;
/** The rest of an invocation, in ms. */
const WORK_MS = 45;
/** The template's route throttle, in requests a second, and how many may come at once. */
const THROTTLE = { rate: 500, burst: 1000 };
/** Pauses before the sender's retries, in ms: "errors are retried with exponential backoff" (Ittybit docs, "Webhooks"). */
const RETRIES_MS = [1_000, 2_000, 4_000, 8_000, 16_000];

export interface BurstOutcome {
  readonly sent: number;
  readonly stored: number;
  /** requests that API Gateway or Lambda turned away */
  readonly turnedAway: number;
  /** callbacks that the sender gave up: the reconciler asks for their jobs */
  readonly givenUp: number;
}

/**
 * Sends callbacks through the real handler's use case and ledger, behind a model of what is before them: API Gateway's
 * throttle, Lambda's concurrency, DynamoDB's transactions, and a sender that retries.
 * @param concurrency invocations that the account lets run at once; 10 in a new account
 */
export async function sendCallbacks({
  perSecond,
  seconds,
  concurrency,
  seed,
}: {
  readonly perSecond: number;
  readonly seconds: number;
  readonly concurrency: number;
  readonly seed: number;
}): Promise<BurstOutcome> {
  const time = new VirtualTime();
  const random = seeded(seed);
  const table = new MemoryTable();
  const held = new Set<string>();
  table.whileHeld = async (names) => {
    if (names.some((name) => held.has(name))) throw cancelled('None', 'TransactionConflict');
    for (const name of names) held.add(name);
    await time.wait(HOLD_MS);
    for (const name of names) held.delete(name);
  };
  let [turnedAway, givenUp, running, tokens, filledAt] = [0, 0, 0, THROTTLE.burst, 0];

  /** @returns the status that the sender gets */
  const request = async (callback: Callback): Promise<number> => {
    tokens = Math.min(THROTTLE.burst, tokens + ((time.now - filledAt) * THROTTLE.rate) / 1000);
    filledAt = time.now;
    if (tokens < 1 || running >= concurrency) {
      turnedAway += 1;
      return tokens < 1 ? 429 : 503;
    }
    tokens -= 1;
    running += 1;
    await time.wait(WORK_MS);
    const keys = { pathKey: KEY, previousPathKeys: [], webhookSecret: '' };
    const services = { ledger, now: () => time.now, signingKeys: async () => keys };
    // Without an answer of the table, the handler answers 503.
    const { status } = await receiveCallback(callback, services).catch(() => ({ status: 503 }));
    running -= 1;
    return status;
  };
  const deliver = async (callback: Callback): Promise<void> => {
    for (const pause of [0, ...RETRIES_MS]) {
      await time.wait(pause * (0.5 + random() / 2));
      if ((await request(callback)) === 200) return;
    }
    givenUp += 1;
  };

  const ledger = dynamoLedger(table.client, 'results');
  time.install(random);
  try {
    const total = perSecond * seconds;
    const deliveries: Promise<void>[] = [];
    const arrive = async () => {
      for (let index = 0; index < total; index++) {
        await time.wait((-Math.log(1 - random()) * 1000) / perSecond);
        deliveries.push(deliver(callbackOf(index, table)));
      }
    };
    const arrived = arrive();
    await time.pass();
    await Promise.all([arrived, ...deliveries]);
    return { sent: total, stored: storedIn(table), turnedAway, givenUp };
  } finally {
    time.restore();
  }
}

function callbackOf(index: number, table: MemoryTable): Callback {
  const file = { batch: 'b1', bucket: 'media', key: `reel-${index}.mov` };
  const item = move(firstItem(file, 0), 'submitted', { job_id: `job_${index}`, unclear: false }, 0);
  table.put({ ...resultItem(item), ...resultKey(file) });
  const [batch = '', source = '', signature = ''] = webhookPath(KEY, file, 1).split('/');
  const body = Buffer.from(JSON.stringify({ type: 'job.succeeded', data: { id: `job_${index}` } }));
  return { path: { batch, source, signature }, body, charset: undefined, signature: undefined };
}

function storedIn(table: MemoryTable): number {
  return [...table.rows.values()].filter(({ status }) => status === 'succeeded').length;
}
