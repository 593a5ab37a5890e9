import assert from 'node:assert/strict';
import { findSecrets } from '../../helpers/secret-search.ts';

const SECRET = 'whsec_a+b/c=d&e "f" {g}';
const search = (content: string): readonly string[] =>
  findSecrets(new Map([['key', SECRET]]), new Map([['log', content]]));

describe('the search for secrets', () => {
  it('finds a value in each form, and nothing in a text without it', () => {
    assert.deepEqual(search(`x${SECRET}y`), ['key in log, as it is']);
    assert.deepEqual(search(`?k=${encodeURIComponent(SECRET)}`), ['key in log, in a URI']);
    assert.deepEqual(search(JSON.stringify({ SECRET })), ['key in log, in JSON']);
    assert.deepEqual(search(SECRET.slice(1)), []);
  });

  it('finds it in base64 wherever it stands in the encoded text', () => {
    for (const before of ['', 'x', 'xy', 'xyz', 'Bearer ']) {
      for (const encoding of ['base64', 'base64url'] as const) {
        const text = Buffer.from(`${before}${SECRET}, and more`).toString(encoding);
        assert.deepEqual(search(text), ['key in log, in base64'], `${before} ${encoding}`);
      }
    }
  });

  it('refuses a value that stands in any text', () => {
    assert.throws(() => findSecrets(new Map([['key', 'test']]), new Map()), /too short/);
  });
});
