import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { receiveCallback, type Callback, type CallbackServices } from '../app/batch/receive-callback.ts';

/**
 * Ittybit waits 5 s for the answer (Ittybit docs, "Webhooks"). The rest is for the network and for a start of the
 * function.
 */
const ANSWER_MS = 4_000;

/**
 * Answers a callback within 4 s. After an internal failure, or where the secret or the
 * table takes too long, it answers 503, so that Ittybit tries again: a report that was stored after all changes nothing
 * the second time.
 * @param timeUp starts the 4 s; the answer ends them
 */
export async function answerWebhook(
  callback: Callback,
  services: CallbackServices,
  timeUp: (ms: number, ended: AbortSignal) => Promise<void>,
): Promise<APIGatewayProxyStructuredResultV2> {
  const { batch, source } = callback.path;
  const answered = new AbortController();
  const late = timeUp(ANSWER_MS, answered.signal).then(() => {
    throw new Error(`no answer within ${ANSWER_MS} ms`);
  });
  try {
    const { status, message } = await Promise.race([receiveCallback(callback, services), late]);
    console.log(JSON.stringify({ batch, source, status, message }));
    return answer(status, message);
  } catch (error) {
    console.error(JSON.stringify({ batch, source, error: String(error) }));
    return answer(503, 'The result could not be stored now: send it again.');
  } finally {
    answered.abort();
  }
}

/** @returns what API Gateway's event asks for (payload format 2.0) */
export function callbackOf(event: APIGatewayProxyEventV2): Callback {
  const { batch = '', source = '', signature = '' } = event.pathParameters ?? {};
  const { body = '', isBase64Encoded, headers } = event;
  return {
    path: { batch, source, signature },
    body: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'),
    // A body that came as a text is UTF-8 again by now.
    charset: isBase64Encoded
      ? /;\s*charset\s*=\s*"?([\w.:-]+)/i.exec(headers['content-type'] ?? '')?.[1]
      : undefined,
    signature: headers['ittybit-signature'],
  };
}

function answer(statusCode: number, message: string): APIGatewayProxyStructuredResultV2 {
  return { statusCode, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ message }) };
}
