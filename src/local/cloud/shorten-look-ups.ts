import type { StackOutputs } from '../../core/stack/stack-contract.ts';
import { setFunctionVariables } from './function-variables.ts';
import type { LocalConnection } from './local-connection.ts';

/** Seconds after a POST from which the stand-in's "no such job" is believed. */
export const SETTLE_SECONDS = 1;

/**
 * Lets look-ups believe soon after a POST that there is no job. The stand-in accepts late requests within a few
 * seconds, so the 15 minutes that the real Ittybit is given would only be waited for.
 * An update of the stack takes it back.
 * @param connection the emulator as its root user
 * @param seconds instead of 900
 */
export function shortenLookUps(
  connection: LocalConnection,
  { consumerFunction, reconcilerFunction }: StackOutputs,
  seconds: number,
): Promise<void> {
  return setFunctionVariables(connection, [consumerFunction, reconcilerFunction], {
    SETTLE_SECONDS: String(seconds),
  });
}
