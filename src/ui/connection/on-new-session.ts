import type { Disposable } from '../../core/lifetime.ts';
import type { ConnectionState, SharedConnection } from './connection.ts';

/**
 * Tells a view when what it shows is of another account, region or stack than the present one, or when a login came or
 * went. The first connection is none of these: whoever is reading has made it.
 */
export function onNewSession(connection: SharedConnection, listener: () => void): Disposable {
  let before = connection.state;
  return connection.onChange((state) => {
    if (state.kind === 'connecting') return;
    const isNew = changesWhatIsShown(before, state);
    before = state;
    if (isNew) listener();
  });
}

function changesWhatIsShown(before: ConnectionState, state: ConnectionState): boolean {
  // The reader shows the failure, and a later success is a new session.
  if (state.kind === 'failed') return false;
  if (state.kind !== 'ready') return true;
  if (before.kind === 'ready') {
    const [old, now] = [before.session, state.session];
    return old.services !== now.services || old.stackName !== now.stackName;
  }
  return before.kind !== 'unknown';
}
