import assert from 'node:assert/strict';
import fc from 'fast-check';
import { reasonAttributes } from '../../../src/core/dead-letter.ts';

const SQS_TEXT = /^[\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]+$/u;

describe('reasonAttributes', () => {
  const attributes = (reason: string) =>
    reasonAttributes({ class: 'rejected', reason, attempts: 2, failedAt: '2026-11-23T10:00:00.000Z' });

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
