import assert from 'node:assert/strict';
import {
  causeOf,
  heldHideMs,
  readBrake,
  tooManyFailed,
  type BatchBrake,
} from '../../../../src/core/batch/brake.ts';
import { HOUR, MINUTE } from '../../../helpers/stored-items.ts';

const file = (key: string) => ({ batch: 'b1', bucket: 'media', key });
const causes = (reasons: readonly (readonly [reason: string, key: string])[]) =>
  new Set(reasons.map(([reason, key]) => causeOf(reason, file(key))));

describe('the cause of a reason', () => {
  it('is one for all files that the reason repeats', () => {
    const keys = ['in/a.mp4', 'in/video.mp4', 'in/é ü/ab (1).mov', 'x', 'top.mp4', 'in/$&.mp4', 'in/no'];
    const texts: ((key: string) => string)[] = [
      (key) => `cannot read s3://media/${key} (HTTP 422)`,
      (key) => `cannot read ${encodeURI(`s3://media/${key}`)}`,
      (key) => `cannot read ${encodeURIComponent(`s3://media/${key}`)}`,
      (key) => `the video option is refused: media/${key}`,
      (key) => `no write access to s3://results/${key.replace(/\.[^./]*$/, '')}_720p.webm`,
      () => 'no video stream in the source (HTTP 400)',
    ];
    for (const text of texts) {
      assert.equal(causes(keys.map((key) => [text(key), key])).size, 1, text('KEY'));
    }
  });

  it('is one where ids, numbers and letters of another case differ', () => {
    const reasons = [
      ['request 01HZX3ABCD failed at 12.5 s: Connection not found (HTTP 422)', 'a.mp4'],
      ['request 01HZX9WXYZ failed at 3.75 s: connection not found (HTTP 422)', 'b.mp4'],
    ] as const;
    assert.equal(causes(reasons).size, 1);
  });

  it('is another where the words or the status differ', () => {
    const reasons = ['connection not found (HTTP 422)', 'connection not found (HTTP 403)', 'no credit', ''];
    assert.equal(causes(reasons.map((reason) => [reason, 'in/a.mp4'])).size, reasons.length);
  });
});

describe('what stops a batch', () => {
  const hold = { reason: 'r', cause: 'c', at: '2026-11-26T00:00:00.000Z', by: 'consumer' };
  const cancelled = { at: '2026-11-26T00:00:00.000Z', by: 'operator' };

  it('is read as it was written', () => {
    const brake: BatchBrake = { hold, cancelled, disarmed: ['c'], streak: { cause: 'c', count: 3 } };
    assert.deepEqual(readBrake({ ...brake, job: {} }), brake);
    assert.deepEqual(readBrake({}), { disarmed: [] });
  });

  it('stops the batch also where somebody wrote only half of it, and nothing where it is no object', () => {
    const [half, none] = [{}, [null, 7, 'x', [], true]];
    const empty = { reason: '', cause: '', at: '', by: '' };
    assert.deepEqual(readBrake({ hold: half, cancelled: half }), {
      hold: empty,
      cancelled: { at: '', by: '' },
      disarmed: [],
    });
    for (const value of none) {
      const read = readBrake({ hold: value, cancelled: value, disarmed: value, streak: value });
      assert.deepEqual(read, { disarmed: [] }, JSON.stringify(value));
    }
    assert.deepEqual(readBrake({ disarmed: ['a', 1, null] }).disarmed, ['a']);
    assert.equal(readBrake({ streak: { cause: 'c', count: NaN } }).streak, undefined);
  });
});

describe('a batch whose results fail', () => {
  const results = (failed: number, of = 100) =>
    Array.from({ length: of }, (_, i) => (i < failed ? 'failed' : 'succeeded'));

  it('is held from this part of its last 100 results on', () => {
    assert.deepEqual([tooManyFailed(results(19), 20), tooManyFailed(results(20), 20)], [undefined, 20]);
    assert.deepEqual([tooManyFailed(results(99), 100), tooManyFailed(results(100), 100)], [undefined, 100]);
    assert.equal(tooManyFailed(results(20, 25), 20), 20);
    assert.equal(tooManyFailed(results(19, 19), 20), undefined, 'the first few say nothing');
  });

  it('goes on where nobody asked for it, or has no results', () => {
    assert.equal(tooManyFailed(results(100), 0), undefined);
    assert.equal(tooManyFailed([], 1), undefined);
  });
});

describe('a message whose batch is held', () => {
  /** the stack's own */
  const SETTLE = 15 * MINUTE;

  it('stays hidden longer and longer, and never longer than SQS can hide it', () => {
    const pauses = [1, 2, 3, 4, 8, 9, 100].map((receives) => heldHideMs(receives, SETTLE));
    const longest = 11 * HOUR;
    assert.deepEqual(pauses, [5, 10, 20, 40].map((m) => m * MINUTE).concat([640 * MINUTE, longest, longest]));
    for (const odd of [0, -1]) assert.equal(heldHideMs(odd, SETTLE), 5 * MINUTE);
  });

  it('burns less than half of its receives in the 14 days that it lives', () => {
    let receives = 0;
    for (let ms = 0; ms < 14 * 24 * HOUR; ms += heldHideMs(receives, SETTLE)) receives += 1;
    assert.ok(receives < 45, String(receives));
  });
});
