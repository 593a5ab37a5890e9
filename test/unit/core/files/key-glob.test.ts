import assert from 'node:assert/strict';
import fc from 'fast-check';
import { InvalidInputError } from '../../../../src/core/errors.ts';
import { accepts, type State, type Takes } from '../../../../src/core/files/glob-states.ts';
import { globStates, keyGlob } from '../../../../src/core/files/key-glob.ts';

describe('keyGlob', () => {
  it('matches keys as S3 has them', () => {
    const cases: [glob: string, key: string, matches: boolean][] = [
      ['reel-*.mov', 'reel-7.mov', true],
      ['reel-*.mov', 'Reel-7.mov', false],
      ['reel-*.mov', 'reel-7.MOV', false],
      ['*.mov', 'a/reel.mov', false],
      ['**/*.mov', 'reel.mov', true],
      ['**/*.mov', 'a/b/.hidden/reel.mov', true],
      ['*.{mov,mp4}', '.mp4', true],
      ['reel [0-9].mov', 'reel 7.mov', true],
      ['reel \\[7\\].mov', 'reel [7].mov', true],
      ['a/*.mov', 'a\\b.mov', false],
      ['*.mov', 'a\\b.mov', true],
      ['*.mov', 'line\nfeed.mov', true],
      ['**/*.mov', 'a/line\nfeed/b.mov', true],
      ['!*.mov', 'a.mp4', true],
      ['!*.mov', 'a.mov', false],
      ['*', '', false],
      ['**', '', false],
      ['!a', '', false],
      // A key is not a path: its segments may be empty, `.` or `..`.
      ['a/*/b', 'a//b', true],
      ['a/b', 'a//b', false],
      ['a//b', 'a//b', true],
      ['*/b', '/b', true],
      ['b', '/b', false],
      ['*', '/', false],
      ['a/*', 'a/', true],
      ['a/*', 'a/..', true],
      ['./a', 'a', false],
      // A whole segment of `**` is any number of segments, others are two stars.
      ['**', '/a//b/', true],
      ['**/b', 'b', true],
      ['**/b', '/b', true],
      ['**/b', 'ab', false],
      ['a/**/b', 'a/b', true],
      ['a/**/b', 'a/c/d/b', true],
      ['a/**/b', 'a/cb', false],
      ['a/**', 'a', true],
      ['a/**', 'a/', true],
      ['a/**', 'ab', false],
      ['a/**/**', 'a', true],
      ['**/', 'a/b/', true],
      ['**/', 'a', false],
      ['a**', 'a/b', false],
      ['***', 'a/b', false],
      // One character is one code point.
      ['?', '😀', true],
      ['a?b', 'a/b', false],
      ['[😀-😂]', '😁', true],
      // Classes
      ['[!a]', 'b', true],
      ['[^a]', 'a', false],
      ['[!a]', '/', false],
      ['[+-9]', '/', false],
      ['[]a]', ']', true],
      ['[\\]]', ']', true],
      ['[a-]', '-', true],
      ['[*?{(,]', '(', true],
      // Braces
      ['{a,{b,c}d}e', 'cde', true],
      ['{a,{b,c}d}e', 'be', false],
      ['{,a}b', 'b', true],
      ['a{/**,}', 'a/b/c', true],
      ['{a,[,}]}', '}', true],
      ['{a\\,b,c}', 'a,b', true],
      ['{a,b..c}', 'b..c', true],
      // Nothing else has a meaning, such as the special characters of a regular expression.
      ['a,b|c+$^.', 'a,b|c+$^.', true],
      ['a.b', 'axb', false],
      ['a!b', 'a!b', true],
      ['\\!a', '!a', true],
      ['reel \\(1\\)', 'reel (1)', true],
    ];
    for (const [glob, key, matches] of cases) {
      assert.equal(keyGlob(glob)(key), matches, `${glob} ${JSON.stringify(key)}`);
    }
  });

  it('compares letters, in whichever of the two forms a glob and a name are written', () => {
    const [nfc, nfd] = ['Caf\u00e9', 'Cafe\u0301'];
    for (const glob of [
      `${nfc}*.mov`,
      `${nfd}*.mov`,
      'Caf?*.mov',
      'Caf[\u00e8-\u00ea]*.mov',
      `{x,${nfd}}*.mov`,
    ]) {
      for (const key of [`${nfc} 1.mov`, `${nfd} 1.mov`]) {
        assert.ok(keyGlob(glob)(key), `${glob} ${key}`);
        assert.ok(!keyGlob(`!${glob}`)(key), `${glob} ${key}`);
      }
      assert.equal(keyGlob(glob)('Cafe 1.mov'), glob.includes('?'), glob);
    }
    // Korean, Vietnamese, and a letter that has one form only.
    for (const name of ['\ud55c\uae00.mp4', 'vi\u1ec7t.mp4', '\u212b.mp4']) {
      assert.ok(keyGlob(name.normalize('NFD'))(name), name);
      assert.ok(keyGlob(name)(name.normalize('NFD')), name);
    }
    const piece = fc.constantFrom(
      'e',
      '\u0301',
      '\u00e9',
      '*',
      '?',
      '[',
      ']',
      '!',
      '-',
      '{',
      ',',
      '}',
      '\\',
      '/',
      '\ud83c',
      '\u1100',
      '\u1161',
      '\u0338',
    );
    const text = fc.array(piece, { maxLength: 12 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, text, (glob, key) => {
        const answer = (form: string, other: string): unknown => {
          try {
            return keyGlob(glob.normalize(form))(key.normalize(other));
          } catch (error) {
            return error instanceof InvalidInputError;
          }
        };
        assert.equal(answer('NFC', 'NFD'), answer('NFD', 'NFC'));
        assert.equal(answer('NFC', 'NFC'), answer('NFD', 'NFD'));
      }),
    );
  });

  it('refuses a broken glob', () => {
    const broken = [
      '',
      '!',
      '[a',
      '[',
      '[]',
      '[!]',
      '[a-',
      '[z-a].mov',
      '[a\\',
      'a\\',
      'a]',
      'a}',
      '(a',
      'a)',
    ];
    const braces = ['{a', '{a,', '{a,{b}', '{a}', '{1..3}', '{a,(b)}', '{'.repeat(500)];
    const large = [
      'x'.repeat(501),
      'x'.repeat(70_000),
      '{a,b}'.repeat(9),
      `${'{a,b}'.repeat(8)}${'*'.repeat(400)}`,
    ];
    for (const glob of [...broken, ...braces, ...large]) {
      assert.throws(
        () => keyGlob(glob),
        (error) => error instanceof InvalidInputError && error.field === 'glob' && error.message.length < 600,
        glob.slice(0, 20),
      );
    }
  });

  it('takes globs up to its limits', () => {
    assert.equal(keyGlob('x'.repeat(500))('x'.repeat(500)), true);
    assert.equal(keyGlob('{a,b}'.repeat(8))('abababab'), true);
  });

  it('decides a hostile key in no more steps than states times characters', () => {
    for (const glob of ['*a'.repeat(10) + '*b', '**/*a'.repeat(10) + 'b', '{*a,**/}'.repeat(6) + 'b']) {
      for (const key of ['a'.repeat(1000), 'a/'.repeat(500)]) {
        let steps = 0;
        const counted =
          (takes: Takes): Takes =>
          (char) => {
            steps += 1;
            return takes(char);
          };
        const states = globStates(glob).map((state): State =>
          'takes' in state ? { ...state, takes: counted(state.takes) } : state,
        );
        assert.equal(accepts(states, key), false);
        assert.ok(steps <= states.length * key.length, `${glob}: ${steps} steps`);
      }
    }
  });

  it('agrees with a slow matcher that tries one path after the other', () => {
    // Each with a text that it may take, so that many keys match.
    const parts: [glob: string, text: string][] = [
      ['a', 'a'],
      ['b', 'b'],
      ['.', '.'],
      ['/', '/'],
      ['?', '😀'],
      ['[ab]', 'b'],
      ['[!a]', '\n'],
      ['\\*', '*'],
      ['*', ''],
      ['*', 'ab'],
      ['**', ''],
      ['**', 'a/b'],
      ['/**/', '/'],
      ['/**/', '/a//b/'],
    ];
    const part = fc.constantFrom(...parts);
    const sequence = fc.array(part, { minLength: 1, maxLength: 6 });
    const choices = fc.array(fc.array(part, { maxLength: 2 }), { minLength: 2, maxLength: 3 });
    const char = fc.constantFrom('a', 'b', '.', '/', '*', '\n', '😀');
    const key = fc.option(fc.string({ unit: char, maxLength: 8 }), { freq: 1 });
    fc.assert(
      fc.property(sequence, choices, sequence, key, (before, between, after, anyKey) => {
        const globOf = (parts: [string, string][]): string => parts.map(([glob]) => glob).join('');
        const text =
          anyKey ?? [...before, ...(between[0] ?? []), ...after].map(([, taken]) => taken).join('');
        const glob = `${globOf(before)}{${between.map(globOf).join(',')}}${globOf(after)}`;
        const expected =
          text !== '' && between.some((choice) => slowMatch(globOf([...before, ...choice, ...after]), text));
        assert.equal(keyGlob(glob)(text), expected);
      }),
      { numRuns: 3000 },
    );
  });
});

/** Segment by segment; of classes it knows the two that the property uses. */
function slowMatch(pattern: string, key: string): boolean {
  return slowSegments(pattern.split('/'), key.split('/'));
}

function slowSegments([first, ...rest]: string[], segments: string[]): boolean {
  if (first === undefined) return segments.length === 0;
  if (first === '**')
    return segments.some((_, i) => slowSegments(rest, segments.slice(i))) || slowSegments(rest, []);
  const [segment, ...others] = segments;
  return segment !== undefined && slowSegment(first, Array.from(segment)) && slowSegments(rest, others);
}

function slowSegment(pattern: string, chars: string[]): boolean {
  const token = /^(\[.*?\]|\\.|.)/u.exec(pattern)?.[0];
  if (token === undefined) return chars.length === 0;
  const rest = pattern.slice(token.length);
  if (token === '*')
    return Array.from({ length: chars.length + 1 }).some((_, i) => slowSegment(rest, chars.slice(i)));
  const [char, ...others] = chars;
  return char !== undefined && slowTakes(token, char) && slowSegment(rest, others);
}

function slowTakes(token: string, char: string): boolean {
  if (token === '?') return true;
  if (token === '[ab]') return char === 'a' || char === 'b';
  if (token === '[!a]') return char !== 'a';
  return char === (token.startsWith('\\') ? token.slice(1) : token);
}
