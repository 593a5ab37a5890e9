import assert from 'node:assert/strict';
import { areSameTags, formatTags, parseTags } from '../../../../src/core/stack/stack-tags.ts';

const problem = (text: string): string | undefined => {
  const answer = parseTags(text);
  return 'problem' in answer ? `${answer.problem}: ${answer.at}` : undefined;
};
const many = (count: number): string => Array.from({ length: count }, (_, i) => `k${i}=v`).join(',');

describe('the tags of a stack', () => {
  it('are read as they are written', () => {
    const tags = { team: 'media', 'cost-center': '42', Größe: 'a b/c:d@e+f.g_h' };
    assert.equal(formatTags(tags), 'team=media, cost-center=42, Größe=a b/c:d@e+f.g_h');
    assert.deepEqual(parseTags(formatTags(tags)), { tags });
    assert.deepEqual(parseTags(''), { tags: {} });
  });

  it('may have blanks around, a comma too many, and equals signs in a value', () => {
    assert.deepEqual(parseTags(' a = b ,, c=d=e, '), { tags: { a: 'b', c: 'd=e' } });
  });

  it('may have names that objects have of their own', () => {
    const answer = parseTags('__proto__=a, constructor=b');
    assert.equal('tags' in answer && formatTags(answer.tags), '__proto__=a, constructor=b');
    assert.ok(!areSameTags({ constructor: 'b' }, { other: 'b' }));
  });

  for (const [text, says] of [
    ['=media', 'no-key: =media'],
    ['team', 'no-value: team'],
    ['team=', 'no-value: team'],
    ['aws:team=media', 'reserved: aws:team'],
    ['AWS:team=media', 'reserved: AWS:team'],
    [`${'k'.repeat(129)}=v`, `long-key: ${'k'.repeat(129)}`],
    [`k=${'v'.repeat(257)}`, 'long-value: k'],
    ['team=me|you', 'characters: team'],
    ['te\u202eam=media', 'characters: te\u202eam'],
    ['team=media, Team=film', 'twice: Team'],
    [many(51), 'too-many: 51'],
  ] as const) {
    it(`are refused as ${says.split(':')[0]}: ${text.slice(0, 20)}`, () => {
      assert.equal(problem(text), says);
    });
  }

  it('are taken up to the limits', () => {
    assert.equal(problem(many(50)), undefined);
    assert.equal(problem(`${'k'.repeat(128)}=${'v'.repeat(256)}`), undefined);
  });

  it('are the same in any order', () => {
    assert.ok(areSameTags({ a: '1', b: '2' }, { b: '2', a: '1' }));
    assert.ok(!areSameTags({ a: '1' }, { a: '1', b: '2' }));
    assert.ok(!areSameTags({ a: '1' }, { a: '2' }));
    assert.ok(!areSameTags({ a: '1' }, { b: '1' }));
  });
});
