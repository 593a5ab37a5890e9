import assert from 'node:assert/strict';
import fc from 'fast-check';
import { visibleText } from '../../../src/core/visible-text.ts';

describe('visibleText', () => {
  it('leaves names in any script as they are', () => {
    for (const name of [
      'reel 7+8.mov',
      'Möwe.mp4',
      '映画/第1話.mkv',
      'فيلم.mp4',
      '🎬.mov',
      '$(x) [a](command:b)',
    ])
      assert.equal(visibleText(name), name);
  });

  it('leaves families and other joined emoji as they are, and shows every other joiner', () => {
    for (const name of ['👨‍👩‍👧‍👦.mov', '🏳️‍🌈 parade.mp4', '👩🏽‍🚀.mov', '❤️‍🔥']) {
      assert.equal(visibleText(name), name);
    }
    assert.equal(visibleText('a\u200Db'), 'a\\u{200d}b');
    assert.equal(visibleText('👨\u200D\u200D👩'), '👨\\u{200d}\\u{200d}👩');
    assert.equal(visibleText('👨\u200Dexe'), '👨\\u{200d}exe');
    assert.equal(visibleText('\u200D👨'), '\\u{200d}👨');
    assert.equal(visibleText('👨‍👩‍👧', 4), '👨…', 'no joiner is left at the cut');
  });

  it('shows what hides, turns the reading direction or breaks the line', () => {
    assert.equal(visibleText('a\nb\r\u0000'), 'a\\u{a}b\\u{d}\\u{0}');
    assert.equal(visibleText('gpj.\u202Eexe'), 'gpj.\\u{202e}exe');
    assert.equal(visibleText('a\u200B\uFEFF\u2028'), 'a\\u{200b}\\u{feff}\\u{2028}');
    assert.equal(visibleText('\uD800'), '\\u{d800}');
  });

  it('gives one bounded, well-formed line for anything', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 500 }),
        fc.integer({ min: 1, max: 60 }),
        (text, max) => {
          const shown = visibleText(text, max);
          assert.ok(shown.length <= max);
          assert.ok(shown.isWellFormed());
          assert.doesNotMatch(shown.replaceAll('\u200D', ''), /[\p{Cc}\p{Cf}\u2028\u2029]/u);
          assert.doesNotMatch(shown, /\u200D(?!\p{Extended_Pictographic})/u);
        },
      ),
    );
  });
});
