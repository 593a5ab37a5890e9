import fc from 'fast-check';

/** Pieces that make keys whose stems begin with one another, with neighbours on both sides of the dot. */
const PIECES = ['a', 'b', 'clip', '.', '..', '/', '-', '-2', '!', '0', 'é', '\uFFFD', '😀', 'mov', 'm', 'ts'];

/** @returns the keys in the order in which S3 lists them: by their bytes in UTF-8, each once */
export function inListingOrder(keys: readonly string[]): string[] {
  return [...new Set(keys)].toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

/** Listings of up to 80 keys, of which many differ only in what follows their last dot. */
export function listings(extensions: readonly string[]): fc.Arbitrary<string[]> {
  const stem = fc
    .array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 4 })
    .map((parts) => parts.join(''));
  return fc.array(stem, { minLength: 1, maxLength: 6 }).chain((stems) => {
    const more = fc.constantFrom('', '', '', ...PIECES, ...extensions);
    const key = fc.tuple(fc.constantFrom(...stems), more, fc.constantFrom(...extensions));
    return fc
      .array(
        key.map((parts) => parts.join('')),
        { maxLength: 80, size: 'max' },
      )
      .map(inListingOrder);
  });
}
