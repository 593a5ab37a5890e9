import { ApiError } from './api-error.ts';
import type { FaultAnswer } from './fault.ts';

/** What the API sends back: a status, the body's text, and headers besides `Content-Type: application/json`. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Turns an error that `action` throws into the API's answer. An error in the stand-in itself becomes a 500 with the
 * error's text.
 */
export function answerOrRefusal<Result>(action: () => Result): Result | Answer {
  try {
    return action();
  } catch (error) {
    return refusalAnswer(
      error instanceof ApiError ? error : new ApiError(500, 'internal_error', String(error)),
    );
  }
}

/** The answer that tells an error of the API. */
export function refusalAnswer({ status, kind, message, headers }: ApiError): Answer {
  return { status, headers, body: JSON.stringify({ kind, message }) };
}

/** The answer that a fault gives. */
export function faultAnswer(given: FaultAnswer): Answer {
  const { status, kind = 'internal_error', message = 'Something went wrong.', headers = {}, rawBody } = given;
  return { status, headers, body: rawBody ?? JSON.stringify({ kind, message }) };
}
