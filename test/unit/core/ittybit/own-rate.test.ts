import assert from 'node:assert/strict';
import fc from 'fast-check';
import { costAtRate, parseOwnRate } from '../../../../src/core/ittybit/own-rate.ts';
import { InvalidInputError } from '../../../../src/core/errors.ts';

describe('the own rate', () => {
  it('is read as people write it', () => {
    for (const [text, amount, currency, per] of [
      ['$0.015 per minute', 0.015, '$', 'minute'],
      ['0,02 EUR/file', 0.02, 'EUR', 'file'],
      [' £1 / min ', 1, '£', 'minute'],
      ['0.5 a File', 0.5, '', 'file'],
      ['USD 2 per output minute', 2, 'USD', 'minute'],
    ] as const)
      assert.deepEqual(parseOwnRate(text), { amount, currency, per }, text);
  });

  it('is refused in any other form, with a sentence that shows one', () => {
    for (const text of [
      '',
      '5',
      'free',
      '$ per minute',
      '0.1 per hour',
      '1e9 per file',
      '-1 per file',
      '1 2 per file',
    ])
      assert.throws(() => parseOwnRate(text), /\$0\.015 per minute/, text);
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), (text) => {
        try {
          assert.ok(parseOwnRate(text).amount >= 0);
        } catch (error) {
          assert.ok(error instanceof InvalidInputError);
        }
      }),
    );
  });

  it('costs by the file, and by the minute only where results were measured', () => {
    const perFile = parseOwnRate('$2 per file');
    assert.equal(costAtRate(perFile, 3, undefined), 6);
    const perMinute = parseOwnRate('$0.5 per minute');
    assert.equal(costAtRate(perMinute, 3, undefined), undefined);
    assert.equal(costAtRate(perMinute, 3, { files: 0, ms: 0 }), undefined);
    assert.equal(costAtRate(perMinute, 10, { files: 2, ms: 240_000 }), 10);
  });
});
