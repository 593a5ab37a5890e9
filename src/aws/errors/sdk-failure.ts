/** The call that an error came from. */
export interface CallContext {
  /** IAM prefix, such as `sqs` */
  readonly service: string;
  /** as the SDK names it, such as `SendMessageBatch` */
  readonly operation: string;
  readonly region: string;
  readonly profile?: string | undefined;
  readonly endpoint?: string | undefined;
}

/** The parts of an SDK exception that tell it from others, independent of its class. */
export interface SdkFailure {
  /** without AWS's prefixes: `AWS.SimpleQueueService.NonExistentQueue` is `NonExistentQueue` */
  readonly name: string;
  readonly message: string;
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Node's network codes, the nested ones first */
  readonly networkCodes: readonly string[];
  /** whether AWS, or another server at its address, has answered */
  readonly answered: boolean;
}

/** Node's codes for "no conversation took place" (nodejs.org, "Common system errors", "OpenSSL error codes"). */
const NETWORK =
  /^(ECONN(REFUSED|RESET|ABORTED)|ENOTFOUND|EAI_\w+|ETIMEDOUT|E(HOST|NET)(UNREACH|DOWN)|EPIPE|EPROTO|ERR_(TLS|SSL)_\w+|CERT_\w+|\w+_CERT(_\w+)?|UNABLE_TO_\w+|HOSTNAME_MISMATCH|INVALID_CA)$/;

/**
 * @param error anything thrown while the SDK worked
 * @returns the parts that tell it from others; never raises an error
 */
export function readFailure(error: unknown): SdkFailure {
  const fields: Fields = typeof error === 'object' && error !== null ? error : {};
  const name = text(fields.name) ?? text(fields.Code) ?? 'UnknownError';
  return {
    name: name.split(/[.#:]/).at(-1) || name,
    message: text(fields.message) ?? asText(error),
    status: fields.$metadata?.httpStatusCode,
    headers: fields.$response?.headers ?? {},
    networkCodes: networkCodes(fields),
    answered: fields.$metadata?.httpStatusCode !== undefined || fields.$response !== undefined,
  };
}

/** The fields that SDK and Node errors may have; none of them is certain. */
interface Fields {
  readonly name?: unknown;
  readonly Code?: unknown;
  readonly code?: unknown;
  readonly message?: unknown;
  readonly cause?: unknown;
  readonly errors?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly headers?: Record<string, string> };
}

/** Node nests the reason: in `errors` when it tried several addresses, in `cause` when a layer wrapped it. */
function networkCodes(fields: Fields, depth = 0): string[] {
  if (fields.$metadata?.httpStatusCode !== undefined || depth > 3) return [];
  const nested: unknown[] = [
    ...(Array.isArray(fields.errors) ? (fields.errors as unknown[]) : []),
    fields.cause,
  ];
  const codes = nested.flatMap((inner) =>
    typeof inner === 'object' && inner !== null ? networkCodes(inner, depth + 1) : [],
  );
  const own = text(fields.code);
  return own !== undefined && NETWORK.test(own) ? [...codes, own] : codes;
}

/** An object without a prototype has no text. */
function asText(error: unknown): string {
  try {
    return String(error);
  } catch {
    return Object.prototype.toString.call(error);
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
