import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { waitFor } from './wait-for.ts';
import { startIttybit, type IttybitOptions, type IttybitStandIn } from '../../src/local/ittybit/server.ts';

export const apiKey = 'ittybit_live_test';

/** The fields of a job that tests read. */
export interface JobBody {
  id: string;
  status: string;
  kind: string;
  message: string;
  output: string | null;
  error: { kind: string } | null;
  metadata: Record<string, string>;
  tasks: { id: string; kind: string; status: string; error: { kind: string } | null }[];
  created_at: number;
  finished_at: number | null;
}

export interface Callback {
  body: string;
  /** The body as it came over the wire. */
  bytes: Buffer;
  headers: IncomingHttpHeaders;
  url: string;
}

/** Starts stand-ins and webhook receivers, and closes them all with `close`. */
export class Bench {
  readonly #closers: (() => Promise<void>)[] = [];

  async standIn(options: Partial<IttybitOptions> = {}): Promise<IttybitStandIn> {
    const standIn = await startIttybit({
      apiKeys: [apiKey],
      durations: { queuedMs: 1, processingMs: 1 },
      ...options,
    });
    this.#closers.push(() => standIn.close());
    return standIn;
  }

  /** Receives webhooks at `url`. @param answer returns the status for each; undefined: no answer */
  async receiver(answer: (count: number) => number | undefined | Promise<number> = () => 200) {
    const received: Callback[] = [];
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const bytes = Buffer.concat(chunks);
        received.push({
          body: bytes.toString('utf8'),
          bytes,
          headers: request.headers,
          url: request.url ?? '',
        });
        void Promise.resolve(answer(received.length)).then((status) => {
          if (status !== undefined) response.writeHead(status).end();
        });
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    this.#closers.push(async () => {
      server.close();
      server.closeAllConnections();
    });
    const { port } = server.address() as AddressInfo;
    return { url: `http://127.0.0.1:${port}/webhook`, port, received };
  }

  async close(): Promise<void> {
    for (const close of this.#closers.splice(0)) await close();
  }
}

/** Sends a request with the accepted key; `headers` can replace it. */
export async function call(
  standIn: IttybitStandIn,
  path: string,
  init: { body?: unknown; headers?: Record<string, string>; method?: string; signal?: AbortSignal } = {},
) {
  const { body, headers, method = body === undefined ? 'GET' : 'POST', signal } = init;
  const response = await fetch(standIn.url + path, {
    method,
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text };
}

/** `POST /jobs` for a video, with `fields` over the defaults. */
export async function post(
  standIn: IttybitStandIn,
  fields: Record<string, unknown> = {},
  headers: Record<string, string> = {},
) {
  const body = { input: 's3://media/a.mov', kind: 'video', ...fields };
  const answer = await call(standIn, '/jobs', { body, headers });
  return { ...answer, job: JSON.parse(answer.text) as JobBody };
}

/** `GET /jobs/{id}`. */
export async function get(standIn: IttybitStandIn, id: string): Promise<JobBody> {
  return JSON.parse((await call(standIn, `/jobs/${id}`)).text) as JobBody;
}

/** Waits until the stand-in has settled, 5 s at most. */
export async function settle(standIn: IttybitStandIn): Promise<void> {
  await standIn.settled(AbortSignal.timeout(5000));
}

/** Waits for `condition`, 30 s at most. */
export async function until(condition: () => boolean): Promise<void> {
  const late = (): Error => new Error(`This did not happen within 30 s: ${String(condition)}`);
  await waitFor(() => condition() || undefined, { limitMs: 30_000, everyMs: 1, late });
}
