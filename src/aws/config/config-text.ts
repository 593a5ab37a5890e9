/** The values of one section by name, in lower case. A value that begins with a line break holds nested settings. */
export type Values = ReadonlyMap<string, string>;

/** The error for a file that the AWS CLI would refuse too. */
export class ConfigTextError extends Error {
  /** counted from 1 */
  readonly line: number;

  constructor(line: number, reason: string) {
    super(reason);
    this.name = 'ConfigTextError';
    this.line = line;
  }
}

/** Its values apply to every section (Python, configparser, "default_section"). */
const FOR_ALL = 'DEFAULT';
/** Up to the last bracket; what follows it is not read. */
const SECTION = /^\[([^]+)\]/;
/** White space as Python defines it, which includes the information separators. */
const SPACE = '\\p{White_Space}\\u001c-\\u001f';
const EDGES = new RegExp(`^[${SPACE}]+|[${SPACE}]+$`, 'gu');
const END = new RegExp(`[${SPACE}]+$`, 'u');
/** Python ends lines within a value at each of these (str.splitlines). */
const LINE_END = new RegExp('[\\n\\r\\v\\f\\u001c-\\u001e\\u0085\\u2028\\u2029]', 'u');
const TEXT = new RegExp(`[^${SPACE}]`, 'u');

/**
 * Reads a config or credentials file by the rules of the AWS CLI, which are those of Python's RawConfigParser: comments
 * are whole lines, `:` may stand for `=`, an indented line continues the value before it, quotes are part of a value.
 * The SDK's own reader differs in each of these, and could then sign with another identity than the AWS CLI.
 * @returns the values by section, in the order of the file
 * @throws ConfigTextError for a section or a name that appears twice, and for a line that is not a setting
 */
export function parseConfigText(text: string): ReadonlyMap<string, Values> {
  const reader = new Reader();
  for (const [index, line] of text.split(/\r\n|\r|\n/).entries()) reader.read(line, index + 1);
  return reader.sections();
}

/**
 * @param value the value of a name with nested settings, such as `s3`
 * @returns the nested settings; none for a plain value
 */
export function nestedValues(value: string | undefined): Values {
  if (!value?.startsWith('\n')) return new Map();
  const lines = value.split(LINE_END).filter((line) => strip(line) !== '');
  return new Map(
    lines.map((line) => {
      const at = line.indexOf('=');
      return [strip(line.slice(0, at)), strip(line.slice(at + 1))];
    }),
  );
}

type Lines = Map<string, { readonly line: number; readonly texts: string[] }>;

class Reader {
  readonly #sections = new Map<string, Lines>();
  readonly #forAll: Lines = new Map();
  #section: Lines | undefined;
  /** the texts of the value that an indented line continues */
  #value: string[] | undefined;
  #indent = 0;

  read(line: string, number: number): void {
    const text = strip(line);
    if (/^[#;]/.test(text)) return;
    if (text === '') {
      this.#value?.push('');
      return;
    }
    const indent = line.search(TEXT);
    if (this.#value && indent > this.#indent) {
      this.#value.push(text);
      return;
    }
    this.#indent = indent;
    const [, name] = SECTION.exec(text) ?? [];
    if (name === undefined) this.#setting(text, number);
    else this.#open(name, number);
  }

  sections(): ReadonlyMap<string, Values> {
    const forAll = joined(this.#forAll);
    return new Map(
      [...this.#sections].map(([name, lines]) => [name, new Map([...forAll, ...joined(lines)])]),
    );
  }

  #open(name: string, number: number): void {
    if (this.#sections.has(name)) throw new ConfigTextError(number, `the section [${name}] appears twice`);
    this.#section = name === FOR_ALL ? this.#forAll : new Map();
    if (name !== FOR_ALL) this.#sections.set(name, this.#section);
    this.#value = undefined;
  }

  #setting(text: string, number: number): void {
    if (!this.#section)
      throw new ConfigTextError(
        number,
        text.startsWith('\ufeff')
          ? 'it begins with a byte order mark, which the AWS CLI does not read'
          : 'it does not begin with a section such as [default]',
      );
    const at = text.search(/[=:]/);
    const name = strip(text.slice(0, Math.max(at, 0))).toLowerCase();
    // The line itself may hold a secret.
    if (name === '') throw new ConfigTextError(number, 'it is neither a section nor a setting');
    if (this.#section.has(name)) throw new ConfigTextError(number, `"${name}" appears twice in its section`);
    this.#value = [strip(text.slice(at + 1))];
    this.#section.set(name, { line: number, texts: this.#value });
  }
}

function joined(lines: Lines): Values {
  return new Map(
    [...lines].map(([name, { line, texts }]) => {
      const value = texts.join('\n').replace(END, '');
      const broken =
        value.startsWith('\n') &&
        value.split(LINE_END).some((inner) => strip(inner) !== '' && !inner.includes('='));
      if (broken) throw new ConfigTextError(line, `a line below "${name}" is not a setting`);
      return [name, value];
    }),
  );
}

function strip(text: string): string {
  return text.replace(EDGES, '');
}
