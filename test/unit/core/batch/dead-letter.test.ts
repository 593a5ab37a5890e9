import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  FAILURE_CLASSES,
  isRedriven,
  readReason,
  reasonAttributes,
} from '../../../../src/core/batch/dead-letter.ts';

const SQS_TEXT = /^[\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]+$/u;

describe('reasonAttributes', () => {
  const attributes = (reason: string) =>
    reasonAttributes({ failureClass: 'rejected', reason, attempts: 2, failedAt: '2026-11-23T10:00:00.000Z' });

  it('writes the four attributes that the list reads', () => {
    assert.deepEqual(attributes('bad url'), {
      failure_class: 'rejected',
      failure_reason: 'bad url',
      attempts: '2',
      failed_at: '2026-11-23T10:00:00.000Z',
    });
  });

  it('writes only text that SQS takes: never empty, no control characters, no half of a pair', () => {
    assert.equal(attributes('').failure_reason, 'unknown');
    const cut = attributes(`${'x'.repeat(999)}\u{1F3AC}`).failure_reason!;
    assert.match(cut, SQS_TEXT);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 1200 }), (units) => {
        const value = attributes(String.fromCharCode(...units)).failure_reason!;
        assert.match(value, SQS_TEXT);
        assert.ok(value.length <= 1000);
      }),
    );
  });
});

describe('readReason', () => {
  it('reads what was written, of every class', () => {
    for (const failureClass of FAILURE_CLASSES) {
      const reason = { failureClass, reason: 'bad url', attempts: 3, failedAt: '2026-11-23T10:00:00.000Z' };
      assert.deepEqual(readReason(reasonAttributes(reason)), reason);
    }
  });

  it('says receive-count where SQS moved the message', () => {
    assert.deepEqual(readReason({}), {
      failureClass: 'receive-count',
      reason: 'SQS moved the message after it was received too often',
      attempts: undefined,
      failedAt: undefined,
    });
  });

  it('keeps the word of another version, and drops a number that is not one', () => {
    for (const attempts of ['', ' ', '-1', '1e3', '0x5', 'Infinity', 'NaN', '1.5', '9'.repeat(400)]) {
      const found = readReason({ failure_class: 'braked', failure_reason: 'x', attempts });
      assert.deepEqual([found.failureClass, found.attempts], ['braked', undefined], attempts);
    }
  });
});

describe('isRedriven', () => {
  it('knows a letter by its reason, of whatever class, and takes no other attribute for one', () => {
    for (const failureClass of FAILURE_CLASSES)
      assert.ok(isRedriven(reasonAttributes({ failureClass, reason: '', attempts: 0, failedAt: '' })));
    for (const attributes of [{}, { attempts: '3' }, { failure_reason: 'x' }, { Failure_Class: 'rejected' }])
      assert.equal(isRedriven(attributes), false);
  });
});
