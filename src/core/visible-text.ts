/** Controls, bidirectional overrides, invisible format characters, lone surrogates, and line breaks of any kind. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;
/** Longest label, in UTF-16 units; file names have up to 1,024 bytes. */
const MAX_LABEL = 300;

/**
 * Makes untrusted text (a key, a reason, a payload) safe to show as one line. Nothing in it can break the line, hide a
 * part of it or change the reading direction (Unicode Technical Report 36, "Bidirectional Text Spoofing").
 * @param text anything
 * @param max longest result in UTF-16 units
 * @returns the text with each invisible character as `\u{hex}`, cut with an ellipsis
 */
export function visibleText(text: string, max = MAX_LABEL): string {
  // Cut before and after: a hostile megabyte is not worth replacing.
  const shown = text
    .slice(0, max)
    .replace(INVISIBLE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
  return text.length > max || shown.length > max ? `${shown.slice(0, max - 1).toWellFormed()}…` : shown;
}
