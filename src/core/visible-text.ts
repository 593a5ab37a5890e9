/** Controls, bidirectional overrides, invisible format characters, lone surrogates, and line breaks of any kind. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;
/**
 * A joiner between two pictures makes one picture of them, such as a family (Unicode Technical Standard 51, "Emoji ZWJ
 * Sequences"). Anywhere else it hides.
 */
const JOINER =
  /(?<=\p{Extended_Pictographic}(?:\uFE0F|\p{Emoji_Modifier})?)\u200D(?=\p{Extended_Pictographic})/u.source;
/** A joiner is told by what follows it within so many UTF-16 units. */
const JOINED = 8;
const HIDDEN = new RegExp(`(${JOINER})|${INVISIBLE.source}`, 'gu');
/** Longest label, in UTF-16 units; file names have up to 1,024 bytes. */
const MAX_LABEL = 300;

/**
 * Makes untrusted text (a key, a reason, a payload) safe to show as one line. Nothing in it can break the line, hide a
 * part of it or change the reading direction (Unicode Technical Report 36, "Bidirectional Text Spoofing").
 * @param text anything
 * @param max longest result in UTF-16 units
 * @returns the text with each invisible character as `\u{hex}`, but for the joiners of emoji, cut with an ellipsis
 */
export function visibleText(text: string, max = MAX_LABEL): string {
  // Cut before and after: a hostile megabyte is not worth replacing.
  const shown = text
    .slice(0, max + JOINED)
    .replace(HIDDEN, (character, joiner: string | undefined) =>
      joiner === undefined ? `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}` : character,
    );
  const isCut = text.length > max || shown.length > max;
  // What a joiner joined may have been cut off.
  return isCut
    ? `${shown
        .slice(0, max - 1)
        .replace(/\u200D$/, '')
        .toWellFormed()}…`
    : shown;
}
