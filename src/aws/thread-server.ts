import type { MessagePort } from 'node:worker_threads';
import type { BackgroundWork } from '../core/background.ts';
import { receivedError, sentError } from '../core/sent-error.ts';
import type { SdkCredentials } from './credentials/sdk-credentials.ts';
import { CREDENTIALS, type FromThread, type ToThread } from './thread-messages.ts';

/**
 * Does the work that a port asks for.
 * @param open makes the gateways of this thread. It is given where credentials come from: through the port, so that only
 * the main thread gets some for a profile, and talks to the user
 */
export function serveThread<Services>(
  port: MessagePort,
  open: (credentials: () => Promise<SdkCredentials>) => Services,
  work: BackgroundWork<Services>,
): void {
  const runs = new Map<number, AbortController>();
  const asked = new Map<number, PromiseWithResolvers<unknown>>();
  let serial = 0;
  const post = (message: FromThread): void => {
    port.postMessage(message);
  };
  const ask = (run: number | undefined, name: string, value?: unknown): Promise<unknown> => {
    const answer = Promise.withResolvers<unknown>();
    const id = (serial += 1);
    asked.set(id, answer);
    post({ kind: 'question', id, run, name, value });
    return answer.promise.finally(() => asked.delete(id));
  };
  // Who has started this thread answers with what it signs with itself.
  const services = open(async () => (await ask(undefined, CREDENTIALS)) as SdkCredentials);
  const run = async (id: number, name: string, request: unknown): Promise<void> => {
    const control = new AbortController();
    const { signal } = control;
    const tell = (value: unknown): void => {
      post({ kind: 'event', id, value });
    };
    runs.set(id, control);
    try {
      const task = work[name];
      if (!task) throw new TypeError(`There is no work "${name}".`);
      // Who asks for the work knows its request.
      const value = await task(request as never, services, {
        ...{ signal, tell },
        ask: (question, about) => ask(id, question, about),
      });
      post({ kind: 'result', id, value });
    } catch (error) {
      post({ kind: 'failure', id, error: sentError(error) });
    } finally {
      runs.delete(id);
    }
  };
  port.on('message', (message: ToThread) => {
    const { kind, id } = message;
    if (kind === 'run') void run(id, message.name, message.request);
    else if (kind === 'cancel') runs.get(id)?.abort();
    else if (kind === 'answer') asked.get(id)?.resolve(message.value);
    else asked.get(id)?.reject(receivedError(message.error));
  });
}
