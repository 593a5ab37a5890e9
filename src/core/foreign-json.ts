/** The fields of an untrusted JSON object, or of an untrusted item of the table. */
export type Fields = Readonly<Record<string, unknown>>;

/** @returns the fields of an object; undefined for anything else, including a list */
export function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

/** @returns the value of an untrusted text; undefined where it is not JSON */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // JSON has no undefined, so it cannot be mistaken for a value.
  }
}

export function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/** @returns true for a number that is neither NaN nor infinite */
export function isAmount(value: unknown): value is number {
  return Number.isFinite(value);
}
