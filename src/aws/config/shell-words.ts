/**
 * Splits a line into words as a POSIX shell does, without expanding anything (Python, shlex.split). The AWS CLI reads
 * the names of sections and `credential_process` this way.
 * @returns the words; undefined where a quotation is not closed, or nothing follows the last backslash
 */
export function shellWords(line: string): readonly string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let rest = line;
  while (rest !== '') {
    const [, space] = /^([ \t\r\n]+)/.exec(rest) ?? [];
    if (space !== undefined) {
      if (word !== undefined) words.push(word);
      word = undefined;
      rest = rest.slice(space.length);
      continue;
    }
    const part = PART.exec(rest);
    if (!part) return undefined;
    const [whole, single, double, escaped, plain] = part;
    word = `${word ?? ''}${single ?? double?.replace(/\\(["\\])/g, '$1') ?? escaped ?? plain ?? ''}`;
    rest = rest.slice(whole.length);
  }
  return word === undefined ? words : [...words, word];
}

/** One part of a word: '…', "…", \x, or plain characters. */
const PART = /^(?:'([^']*)'|"((?:[^"\\]|\\[^])*)"|\\([^])|([^'"\\ \t\r\n]+))/;
