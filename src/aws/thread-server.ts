import type { MessagePort } from 'node:worker_threads';
import { DynamoBatchStore } from './batch-store.ts';
import { S3BucketStore } from './bucket-store.ts';
import { AwsClients } from './connection.ts';
import type { SdkCredentials } from './credentials/sdk-credentials.ts';
import { SqsQueueService } from './queue-service.ts';
import {
  receivedError,
  sentError,
  type FromThread,
  type ThreadCall,
  type ThreadData,
  type ToThread,
} from './thread-messages.ts';

/** Pages that are sent before they are taken; the next one is asked for meanwhile. */
const PAGES_AHEAD = 1;

interface OpenCall {
  readonly control: AbortController;
  /** pages that may still be sent */
  room: number;
  onRoom: (() => void) | undefined;
}

/**
 * Makes the calls that come through a port, with clients of the thread's own. Credentials are asked for through the port,
 * so that only the main thread reads profiles and talks to the user.
 */
export function serveThread(port: MessagePort, data: ThreadData): void {
  const calls = new Map<number, OpenCall>();
  const asked = new Map<number, PromiseWithResolvers<SdkCredentials>>();
  const post = (message: FromThread): void => {
    port.postMessage(message);
  };
  const askCredentials = (): Promise<SdkCredentials> => {
    const answer = Promise.withResolvers<SdkCredentials>();
    const id = (serial += 1);
    asked.set(id, answer);
    post({ kind: 'credentials', id });
    return answer.promise.finally(() => asked.delete(id));
  };
  let serial = 0;
  const run = makeRunner(new AwsClients(data, data.credentials ?? askCredentials), post);
  const answer = async (id: number, call: ThreadCall): Promise<void> => {
    const open: OpenCall = { control: new AbortController(), room: PAGES_AHEAD, onRoom: undefined };
    calls.set(id, open);
    try {
      post({ kind: 'answer', id, value: await run(id, call, open) });
    } catch (error) {
      post({ kind: 'failure', id, error: sentError(error) });
    } finally {
      calls.delete(id);
    }
  };
  port.on('message', (message: ToThread) => {
    const { kind, id } = message;
    const call = calls.get(id);
    if (kind === 'call') void answer(id, message.call);
    else if (kind === 'credentials') asked.get(id)?.resolve(message.credentials);
    else if (kind === 'no-credentials') asked.get(id)?.reject(receivedError(message.error));
    else if (kind === 'cancel') call?.control.abort();
    if (!call || (kind !== 'cancel' && kind !== 'more')) return;
    call.room += 1;
    call.onRoom?.();
  });
}

type Runner = (id: number, call: ThreadCall, open: OpenCall) => Promise<unknown>;

function makeRunner(clients: AwsClients, post: (message: FromThread) => void): Runner {
  const buckets = new S3BucketStore(clients);
  const queues = new SqsQueueService(clients);
  const batches = new DynamoBatchStore(clients);
  return async (id, { name, request }, open) => {
    const { signal } = open.control;
    if (name === 'send') return queues.send(...request, signal);
    if (name === 'works') return batches.works(...request, signal);
    for await (const objects of buckets.pages(...request, signal)) {
      post({ kind: 'page', id, objects });
      open.room -= 1;
      while (open.room <= 0) await new Promise<void>((resolve) => (open.onRoom = resolve));
      signal.throwIfAborted();
    }
    return undefined;
  };
}
