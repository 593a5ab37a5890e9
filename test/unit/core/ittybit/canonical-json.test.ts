import assert from 'node:assert/strict';
import fc from 'fast-check';
import { canonicalJson } from '../../../../src/core/ittybit/canonical-json.ts';

describe('canonicalJson', () => {
  it('writes any JSON so that it can be read again', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        assert.deepEqual(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('does not depend on the order of keys, at any depth', () => {
    assert.equal(canonicalJson({ b: [1, { d: 1, c: 2 }], a: {} }), '{"a":{},"b":[1,{"c":2,"d":1}]}');
    const text = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(fc.dictionary(text, fc.jsonValue()), (value) => {
        const turned = Object.fromEntries(Object.entries(value).toReversed());
        assert.equal(canonicalJson(turned), canonicalJson(value));
      }),
    );
  });

  it('takes a field that is undefined for absent, and a list that is turned for another', () => {
    assert.equal(canonicalJson({ a: undefined, b: null }), '{"b":null}');
    assert.notEqual(canonicalJson([1, 2]), canonicalJson([2, 1]));
  });
});
