/**
 * S3 compares bytes, people letters: macOS writes `é` as two characters (Unicode NFD), a keyboard as one (NFC).
 * @returns the same letters in the two forms, without the text itself
 */
export function otherForms(text: string): string[] {
  const forms = new Set([text.normalize('NFC'), text.normalize('NFD')]);
  forms.delete(text);
  return [...forms];
}

/**
 * For texts that are compared as people read them.
 * @returns the same letters in one case and one Unicode form; upper case, since a lower-case sigma depends on its neighbours
 */
export function foldLetters(text: string): string {
  return text.normalize('NFC').toUpperCase().normalize('NFC');
}
