import assert from 'node:assert/strict';
import fc from 'fast-check';
import { shellWords } from '../../../../src/aws/config/shell-words.ts';

describe('shell words', () => {
  it('are split as Python’s shlex splits', () => {
    for (const [line, words] of [
      ['', []],
      ['  a\t b\n', ['a', 'b']],
      [`profile "two words"`, ['profile', 'two words']],
      [`'a "b" \\' c`, ['a "b" \\', 'c']],
      [`"a \\" \\\\ \\x"`, ['a " \\ \\x']],
      [`a\\ b \\"`, ['a b', '"']],
      [`""`, ['']],
      [`x"y z"'w'`, ['xy zw']],
      [`a # b | $c`, ['a', '#', 'b', '|', '$c']],
    ] as const)
      assert.deepEqual(shellWords(line), words, line);
    for (const line of [`"a`, `'a`, `a\\`, `"a\\"`]) assert.equal(shellWords(line), undefined, line);
  });

  it('are the words that were quoted', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (words) => {
        const line = words.map((word) => `'${word.replaceAll("'", `'"'"'`)}'`).join(' ');
        assert.deepEqual(shellWords(line), words);
      }),
    );
  });
});
