import { SETTLE_MS, type Patience } from '../core/batch/item-step.ts';

/**
 * Reads the handler's environment once, when its container starts.
 * @param names variables that the template sets; a variable may be empty but not missing
 * @throws Error naming the missing variable
 */
export function fromEnv<Name extends string>(names: readonly Name[]): Readonly<Record<Name, string>> {
  const values = names.map((name) => {
    const value = process.env[name];
    if (value === undefined)
      throw new Error(`The function has no environment variable ${name}: update the stack.`);
    return [name, value] as const;
  });
  return Object.fromEntries(values) as Record<Name, string>;
}

/** @returns how patient the reconciler is: the stack's ReconcileAfterMinutes, and the time a POST takes to settle */
export function patienceFromEnv(): Patience {
  const { RECONCILE_AFTER_MINUTES } = fromEnv(['RECONCILE_AFTER_MINUTES']);
  // Set where a trial shortens the wait.
  const { SETTLE_SECONDS: seconds = SETTLE_MS / 1000 } = process.env;
  return { reconcileAfterMs: Number(RECONCILE_AFTER_MINUTES) * 60_000, settleMs: Number(seconds) * 1000 };
}

/** @returns the name of the function's handler, such as `consumer`; empty where the runtime does not say it */
export function handlerName(): string {
  return process.env['_HANDLER']?.split('.')[1] ?? '';
}
