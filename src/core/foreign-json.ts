/** The fields of a JSON object, or of a plain item of the table, of any origin. */
export type Fields = Readonly<Record<string, unknown>>;

/** @returns the fields of an object; undefined for anything else, a list among them */
export function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

/** @returns the value that a text of any origin stands for; undefined for what is no JSON */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // JSON has no undefined, so that the caller can tell.
  }
}

export function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/** @returns true for a number that is neither NaN nor infinite */
export function isAmount(value: unknown): value is number {
  return Number.isFinite(value);
}
