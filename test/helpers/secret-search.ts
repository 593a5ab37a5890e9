/** A secret is not looked for by less than this: shorter texts stand in any log by chance. */
const MIN_CHARACTERS = 12;

/**
 * Looks for secrets in texts: as they are, as URI and JSON escape them, and in base64, wherever in the encoded text they
 * begin.
 * @param secrets the values by the names to report
 * @param places the texts by the names to report
 * @returns one line for each find, such as `API key in the results table, in base64`; it never shows a value
 * @throws Error for a value that is too short to look for
 */
export function findSecrets(
  secrets: ReadonlyMap<string, string>,
  places: ReadonlyMap<string, string>,
): readonly string[] {
  const found: string[] = [];
  for (const [name, secret] of secrets) {
    if (secret.length < MIN_CHARACTERS) throw new Error(`The ${name} is too short to look for.`);
    for (const [form, texts] of formsOf(secret)) {
      for (const [place, content] of places) {
        if (texts.some((text) => content.includes(text))) found.push(`${name} in ${place}, ${form}`);
      }
    }
  }
  return found;
}

/** @returns a secret's forms, each without those that are no other than the plain text */
function formsOf(secret: string): readonly (readonly [form: string, texts: readonly string[]])[] {
  const base64 = [0, 1, 2].map((offset) => base64Part(secret, offset));
  const uri = encodeURIComponent(secret);
  const escapes: readonly (readonly [string, readonly string[]])[] = [
    ['in a URI', [uri, uri.replace(/%../g, (hex) => hex.toLowerCase())]],
    ['in JSON', [JSON.stringify(secret).slice(1, -1)]],
    ['in base64', [...base64, ...base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'))]],
  ];
  return [
    ['as it is', [secret]],
    ...escapes.map(([form, texts]) => [form, texts.filter((text) => text !== secret)] as const),
  ];
}

/** @returns the characters that base64 has for the secret alone where `offset` other bytes stand before it */
function base64Part(secret: string, offset: number): string {
  const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(secret)]);
  return bytes.toString('base64').slice(Math.ceil((offset * 8) / 6), Math.floor((bytes.length * 8) / 6));
}
