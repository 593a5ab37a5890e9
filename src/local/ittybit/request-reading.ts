import type { IncomingMessage } from 'node:http';
import type { FaultSubject } from './fault.ts';

const maxBodyBytes = 1024 * 1024;

/**
 * Reads a request to its end. @returns undefined when the caller left first. The field `body` is undefined when the body is
 * too long or not JSON.
 */
export async function readRequest(request: IncomingMessage, path: string): Promise<FaultSubject | undefined> {
  const text = await readBody(request);
  if (text === undefined) return undefined;
  const body = parseJson(text);
  const key = request.headers['idempotency-key'];
  return {
    method: request.method ?? '',
    path,
    body,
    input: inputOf(body),
    idempotencyKey: Array.isArray(key) ? key.join(', ') : key,
  };
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes <= maxBodyBytes) chunks.push(chunk);
    }
  } catch {
    // The caller left, so the request needs no answer.
    return undefined;
  }
  return bytes <= maxBodyBytes ? Buffer.concat(chunks).toString('utf8') : '';
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function inputOf(body: unknown): string | undefined {
  return typeof body === 'object' && body !== null && 'input' in body && typeof body.input === 'string'
    ? body.input
    : undefined;
}
