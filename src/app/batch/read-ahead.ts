/**
 * Asks for the next item while the caller works on the present one, so that listing and sending overlap. At most one
 * item is held, so memory does not grow with the listing.
 * @returns the same items in the same order; an error surfaces when its item is asked for
 */
export async function* readAhead<Item>(source: AsyncIterable<Item>): AsyncGenerator<Item> {
  const iterator = source[Symbol.asyncIterator]();
  let next = iterator.next();
  try {
    for (;;) {
      const result = await next;
      if (result.done) return;
      next = iterator.next();
      // Raised again at the await above, or dropped with the rest when the caller stops.
      next.catch(() => undefined);
      yield result.value;
    }
  } finally {
    await iterator.return?.();
  }
}
