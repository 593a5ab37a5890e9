import { DeployError } from '../../core/errors.ts';
import type { ConnectionState } from '../connection/connection.ts';
import type { ScopeContext } from './scope-context.ts';
import type { ViewNode } from '../base/node.ts';

/**
 * Reads a first level. Without a region, a login or a stack the level is empty, and the welcome content says what to do.
 * @throws what `read` throws for any other reason
 */
export async function orWelcome(
  { connection }: Pick<ScopeContext, 'connection'>,
  read: () => Promise<readonly ViewNode[]>,
): Promise<readonly ViewNode[]> {
  try {
    return await read();
  } catch (error) {
    if (hasWelcome(connection.state)) return [];
    if (error instanceof DeployError && error.code === 'not-deployed') return [];
    throw error;
  }
}

/** @returns true for a state in which the user has to act before anything can be read */
export function hasWelcome({ kind }: ConnectionState): boolean {
  return kind === 'not-set-up' || kind === 'signed-out';
}
