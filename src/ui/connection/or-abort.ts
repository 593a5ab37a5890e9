/**
 * Lets one caller stop waiting for a promise that others share.
 * @throws the signal's reason once it is aborted
 */
export async function orAbort<Value>(
  shared: Promise<Value>,
  signal: AbortSignal | undefined,
): Promise<Value> {
  if (!signal) return shared;
  signal.throwIfAborted();
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => {
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', stop);
  });
  try {
    return await Promise.race([shared, aborted]);
  } finally {
    if (stop) signal.removeEventListener('abort', stop);
  }
}
