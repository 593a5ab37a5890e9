import { setTimeout as delay } from 'node:timers/promises';

/** What moves by itself (AWS, the shared poll) has moved by then. */
const TIMEOUT_MS = 90_000;
const PAUSE_MS = 100;

/**
 * Reads until what was read is as wanted.
 * @returns what was read last
 * @throws Error that shows it, when it is not as wanted within 90 s
 */
export async function until<Value>(
  what: string,
  read: () => Promise<Value>,
  isWanted: (value: Value) => boolean,
): Promise<Value> {
  const deadline = Date.now() + TIMEOUT_MS;
  for (;;) {
    const value = await read();
    if (isWanted(value)) return value;
    if (Date.now() > deadline) throw new Error(`Not seen: ${what}. Last: ${JSON.stringify(value, null, 1)}`);
    await delay(PAUSE_MS);
  }
}
