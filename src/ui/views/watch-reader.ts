import { readWatch, WatchMemory } from '../../app/read-watch.ts';
import { PipelineWatch } from '../../app/watch.ts';
import type { CloudServices } from '../../core/cloud-services.ts';
import type { SharedConnection } from '../connection/connection.ts';

/**
 * Makes the shared poll. It reads quietly, with the connection as it is, so that an expired login is a state and not a
 * question; what it remembers between readings is of one stack and one connection.
 * @param busyMs pause between two readings while work moves, as it is set now
 */
export function createWatch(connection: SharedConnection, busyMs: () => number): PipelineWatch {
  let known: { services: CloudServices; stackName: string; memory: WatchMemory } | undefined;
  return new PipelineWatch({
    read: (parts, signal, anew, onPart) =>
      connection.use(
        ({ services, stackName }) => {
          if (known?.services !== services || known.stackName !== stackName) {
            known = { services, stackName, memory: new WatchMemory() };
          }
          return readWatch(parts, { stackName, services, memory: known.memory, onPart }, signal, anew);
        },
        { ask: false, signal },
      ),
    pace: {
      get busyMs() {
        return busyMs();
      },
    },
  });
}
