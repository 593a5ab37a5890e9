import { request, type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import { once } from 'node:events';
import type { ControlActions } from '../control-actions.ts';
import type { HostTest } from '../host-test.ts';

/** What the harness says about the world outside the extension host. */
export const hostTest = JSON.parse(process.env['MEDIA_BATCH_HOST_TEST'] ?? '{}') as HostTest;

/** @returns the actions of the control server, each as a function */
export function connectDriver(): object {
  return new Proxy(
    {},
    {
      get:
        (_, name) =>
        (...given: unknown[]) =>
          call(String(name), given),
    },
  );
}

/**
 * Does in the page what the API of the editor cannot: answers quick picks and input boxes, reads trees and notifications.
 * Each call waits for what it needs.
 */
export const driver = connectDriver() as ControlActions;

async function call(name: string, given: unknown[]): Promise<unknown> {
  // Node's own client: the editor puts its proxy settings into fetch.
  const outgoing = request(hostTest.control, { method: 'POST' });
  outgoing.end(JSON.stringify([name, ...given], writeRegExp));
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  const answer = (await json(response)) as { result?: unknown; error?: string };
  if (answer.error !== undefined) throw new Error(`${name}: ${answer.error}`);
  return answer.result;
}

function writeRegExp(_key: string, value: unknown): unknown {
  return value instanceof RegExp ? { regexp: value.source, flags: value.flags } : value;
}
