import { errors, type Locator } from 'playwright-core';
import { waitFor } from '../helpers/wait-for.ts';

/** What moves by itself (AWS, the shared poll) needs less time. */
const TIMEOUT_MS = 90_000;
const PAUSE_MS = 100;

/**
 * Reads a value until it is as wanted.
 * @returns the last value
 * @throws Error with the last value, when it is not as wanted within the limit, 90 s
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
  let last: Value | undefined;
  const look = async (): Promise<{ readonly value: Value } | undefined> => {
    const value = await read();
    last = value;
    return isWanted(value) ? { value } : undefined;
  };
  const late = (): Error => new Error(`Not seen: ${what}. Last: ${JSON.stringify(last, null, 1)}`);
  return (await waitFor(look, { limitMs, everyMs: PAUSE_MS, late })).value;
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
