import type { ConnectionState, SharedConnection } from '../../../src/ui/connection/connection.ts';
import type { CloudServices } from '../../../src/core/stack/cloud-services.ts';
import type { Session } from '../../../src/ui/connection/session.ts';
import { EventEmitter } from './vscode-stub-basics.ts';

export interface FakeConnection extends SharedConnection {
  /** each use of the connection, in order */
  readonly uses: { ask: boolean }[];
  /** changes the state and tells the listeners */
  become(state: ConnectionState): void;
  readonly session: Session;
}

/** A connection that works at once. When a test makes it `signed-out` or `failed`, it throws that error. */
export function fakeConnection(services: CloudServices, change: Partial<Session> = {}): FakeConnection {
  const changed = new EventEmitter<ConnectionState>();
  const session = {
    services,
    account: '111122223333',
    region: 'eu-west-1',
    profile: undefined,
    endpoint: undefined,
    stackName: 'media-batch',
    ...change,
  } as Session;
  const fake = {
    state: { kind: 'unknown' } as ConnectionState,
    session,
    uses: [] as { ask: boolean }[],
    become(state: ConnectionState) {
      fake.state = state;
      changed.fire(state);
    },
    onChange: (listener: (state: ConnectionState) => void) => changed.event(listener),
    async use<Result>(
      work: (session: Session) => Promise<Result>,
      { ask }: { ask: boolean },
    ): Promise<Result> {
      fake.uses.push({ ask });
      const { state } = fake;
      if (state.kind === 'signed-out' || state.kind === 'failed') throw state.error;
      if (state.kind !== 'ready') fake.become({ kind: 'ready', session });
      return work(session);
    },
    reset() {
      fake.become({ kind: 'unknown' });
    },
    dispose: () => undefined,
  };
  return fake;
}
