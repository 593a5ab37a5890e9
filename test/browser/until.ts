import { setTimeout as delay } from 'node:timers/promises';
import { errors, type Locator } from 'playwright-core';

/** What moves by itself (AWS, the shared poll) has moved by then. */
const TIMEOUT_MS = 90_000;
const PAUSE_MS = 100;

/**
 * Reads until what was read is as wanted.
 * @returns what was read last
 * @throws Error that shows it, when it is not as wanted within the limit, 90 s
 */
export function until<Value, Wanted extends Value>(
  what: string,
  read: () => Promise<Value>,
  isWanted: (value: Value) => value is Wanted,
  limitMs?: number,
): Promise<Wanted>;
export function until<Value>(
  what: string,
  read: () => Promise<Value>,
  isWanted: (value: Value) => boolean,
  limitMs?: number,
): Promise<Value>;
export async function until<Value>(
  what: string,
  read: () => Promise<Value>,
  isWanted: (value: Value) => boolean,
  limitMs = TIMEOUT_MS,
): Promise<Value> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const value = await read();
    if (isWanted(value)) return value;
    if (Date.now() > deadline) throw new Error(`Not seen: ${what}. Last: ${JSON.stringify(value, null, 1)}`);
    await delay(PAUSE_MS);
  }
}

/** @returns whether the element is visible within this time, in ms */
export async function appears(element: Locator, timeout: number): Promise<boolean> {
  try {
    await element.waitFor({ timeout });
    return true;
  } catch (error) {
    if (error instanceof errors.TimeoutError) return false;
    throw error;
  }
}
