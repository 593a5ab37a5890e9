import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import type { AddressInfo } from 'node:net';
import { messageOf } from '../../src/core/errors.ts';

/** Serves actions to the extension host: POST `[name, ...arguments]`, answered by `{result}` or `{error}`. */
export interface ControlServer {
  readonly url: string;
  stop(): Promise<void>;
}

type Action = (...given: never[]) => Promise<unknown>;

export async function startControlServer(actions: Readonly<Record<string, Action>>): Promise<ControlServer> {
  const server = createServer((request, response) => {
    void answer(actions, request).then((body) => response.end(JSON.stringify(body)));
  });
  // A step in the page may take as long as its own limit says.
  server.requestTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function answer(
  actions: Readonly<Record<string, Action>>,
  request: IncomingMessage,
): Promise<{ result: unknown } | { error: string }> {
  try {
    const [name, ...given] = JSON.parse(await text(request), revive) as [string, ...never[]];
    const action = actions[name];
    if (!action) throw new Error(`There is no action ${name}.`);
    return { result: await action(...given) };
  } catch (error) {
    return { error: messageOf(error) };
  }
}

/** The driver writes a RegExp as `{ regexp, flags }`. */
function revive(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('regexp' in value) || !('flags' in value))
    return value;
  return new RegExp(String(value.regexp), String(value.flags));
}
