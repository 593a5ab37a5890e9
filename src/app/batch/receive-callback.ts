import { InvalidInputError } from '../../core/errors.ts';
import { isBodySignature, readWebhookPath, type AddressedRun } from '../../core/ittybit/signed-address.ts';
import { validKeys, type SigningKeys } from '../../core/ittybit/signing-keys.ts';
import type { Ledger } from '../../core/batch/ledger.ts';
import { isStep, parseJobReport, type JobReport } from '../../core/ittybit/webhook-payload.ts';
import type { ResultItem } from '../../core/batch/result-item.ts';
import { reported } from '../../core/batch/transitions.ts';
import { bodyText, unpackBody } from './callback-body.ts';
import { changeItem } from './change-item.ts';

/** Larger bodies are refused, packed or unpacked: a job's report is a few kB. */
const MAX_BODY_BYTES = 256 * 1024;

/** A webhook request, without API Gateway's own form. */
export interface Callback {
  readonly path: { readonly batch: string; readonly source: string; readonly signature: string };
  readonly body: Buffer;
  /** how the body's text is encoded, where the request says so */
  readonly charset: string | undefined;
  /** the `Ittybit-Signature` header */
  readonly signature: string | undefined;
}

/** The answer: an HTTP status and one sentence. */
export interface Answer {
  readonly status: number;
  readonly message: string;
}

/** What a callback is checked with, and where its report goes. */
export interface CallbackServices {
  readonly ledger: Ledger;
  /** @param again true: past the memory, since a rotation may have changed the keys */
  readonly signingKeys: (again: boolean) => Promise<SigningKeys>;
  /** epoch ms */
  readonly now: () => number;
}

/**
 * Checks a webhook request and applies its report to the file.
 * @returns 401 for a forged URL or body, 413 and 400 for a body that cannot be read, 200 for a report that was stored
 * or that changes nothing
 * @throws MediaBatchError `unusable-signing-secret`, and the error of the secret or the table; the sender should try again
 */
export async function receiveCallback(callback: Callback, services: CallbackServices): Promise<Answer> {
  const known = await addressedRun(callback, services);
  if (!known) return { status: 401, message: 'This URL was not signed by this stack.' };
  const report = readReport(callback, known.webhookSecret);
  return 'message' in report ? report : apply(report, known.addressed, services);
}

/** Keys that do not fit are read again: the address may have been signed after a rotation. */
async function addressedRun(
  { path }: Callback,
  { signingKeys }: CallbackServices,
): Promise<{ addressed: AddressedRun; webhookSecret: string } | undefined> {
  for (const again of [false, true]) {
    const keys = await signingKeys(again);
    const addressed = readWebhookPath(validKeys(keys), path);
    if (addressed) return { addressed, webhookSecret: keys.webhookSecret };
  }
  return undefined;
}

/** @returns what the body reports, or the answer to a body that cannot be read or is forged */
function readReport(callback: Callback, webhookSecret: string): JobReport | Answer {
  try {
    const body = unpackBody(callback.body, MAX_BODY_BYTES);
    if (!body) return { status: 413, message: `The body is larger than ${MAX_BODY_BYTES} bytes.` };
    if (!isGenuine(callback, body, webhookSecret)) {
      return { status: 401, message: 'Ittybit-Signature does not match the body.' };
    }
    return parseJobReport(JSON.parse(bodyText(body, callback.charset)));
  } catch (error) {
    if (error instanceof SyntaxError) return { status: 400, message: 'The body is not JSON.' };
    if (error instanceof InvalidInputError) return { status: 400, message: error.message };
    throw error;
  }
}

/** Whether a packed body is signed before or after it is packed is not documented. Either signature proves the sender. */
function isGenuine({ body, signature }: Callback, unpacked: Buffer, webhookSecret: string): boolean {
  return (
    webhookSecret === '' || [body, unpacked].some((bytes) => isBodySignature(webhookSecret, bytes, signature))
  );
}

async function apply(
  report: JobReport,
  { file, run }: AddressedRun,
  { ledger, now }: CallbackServices,
): Promise<Answer> {
  const ok = (message: string): Answer => ({ status: 200, message });
  if (isStep(report)) return ok('Progress of one task: nothing stored.');
  const change = (item: ResultItem | undefined) => reported(item, file, run, report, now());
  const { item, isChanged } = await changeItem(ledger, file, change, { eventually: true });
  if (isChanged && item) return ok(item.status);
  return ok(
    report.status ? 'Nothing new.' : `Unknown status "${report.rawStatus.slice(0, 40)}": nothing stored.`,
  );
}
