import picomatch from 'picomatch';
import { InvalidInputError } from '../core/errors.ts';

/**
 * Compiles a glob over S3 keys: `*` stays within a folder, `**` crosses folders, case counts, a leading dot is a letter
 * like any other, and a backslash escapes on every platform (https://github.com/micromatch/picomatch).
 * @throws InvalidInputError `glob` for a pattern that is broken
 */
export function keyGlob(glob: string): (key: string) => boolean {
  try {
    return picomatch(glob, {
      dot: true,
      nocase: false,
      windows: false,
      // Without these a broken pattern would match nothing, without a word.
      strictBrackets: true,
      debug: true,
      // A key may have a line feed, which `**` would stop at.
      flags: 's',
    });
  } catch (cause) {
    throw new InvalidInputError(
      'glob',
      `"${glob}" is not a glob: close every bracket, and write such as reel-*.mov or **/*.{mov,mp4}.`,
      { cause },
    );
  }
}
