import { InvalidInputError } from '../../core/errors.ts';
import { isBodySignature, readWebhookPath } from '../../core/ittybit/signed-address.ts';
import type { Ledger } from '../../core/batch/ledger.ts';
import { parseJobReport } from '../../core/ittybit/webhook-payload.ts';

/** Larger bodies are refused: a job's report is a few kB. */
const MAX_BODY_BYTES = 256 * 1024;

/** A webhook request, without API Gateway's own form. */
export interface Callback {
  readonly path: { readonly batch: string; readonly source: string; readonly signature: string };
  readonly body: Buffer;
  /** the `Ittybit-Signature` header */
  readonly signature: string | undefined;
}

/** The answer: an HTTP status and one sentence. */
export interface Answer {
  readonly status: number;
  readonly message: string;
}

/**
 * Checks a webhook request and applies its report to the file.
 * @param keys `pathKey` has signed the URL; `webhookSecret` is empty until the user sets it
 * @returns 401 for a forged URL or body, 413 and 400 for a body that cannot be read, 200 for a report that was stored
 * or that changes nothing
 * @throws the table's error; the sender should try again
 */
export async function receiveCallback(
  callback: Callback,
  keys: { pathKey: string; webhookSecret: string },
  ledger: Ledger,
): Promise<Answer> {
  const file = readWebhookPath(keys.pathKey, callback.path);
  if (!file) return { status: 401, message: 'This URL was not signed by this stack.' };
  if (callback.body.length > MAX_BODY_BYTES) {
    return { status: 413, message: `The body is larger than ${MAX_BODY_BYTES} bytes.` };
  }
  if (keys.webhookSecret !== '' && !isBodySignature(keys.webhookSecret, callback.body, callback.signature)) {
    return { status: 401, message: 'Ittybit-Signature does not match the body.' };
  }
  try {
    const report = parseJobReport(JSON.parse(callback.body.toString('utf8')));
    const { next } = await ledger.apply(file, { type: 'reported', report });
    if (next) return { status: 200, message: next.status };
    return {
      status: 200,
      message: report.status
        ? 'Nothing new.'
        : `Unknown status "${report.rawStatus.slice(0, 40)}": nothing stored.`,
    };
  } catch (error) {
    if (error instanceof SyntaxError) return { status: 400, message: 'The body is not JSON.' };
    if (error instanceof InvalidInputError) return { status: 400, message: error.message };
    throw error;
  }
}
