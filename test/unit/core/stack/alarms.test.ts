import assert from 'node:assert/strict';
import { alarmOf } from '../../../../src/core/stack/alarms.ts';

describe('the names of alarms', () => {
  it('are those of one stack', () => {
    for (const [name, id] of [
      ['media-batch-PausedAlarm-1ABC2DEF', 'PausedAlarm'],
      ['media-batch-HeldAlarm-x', 'HeldAlarm'],
      // Another stack, whose name begins in the same way.
      ['media-batch-two-PausedAlarm-1ABC2DEF', undefined],
      ['media-batch-PausedAlarm', undefined],
      ['media-batch-PausedAlarm-a-b', undefined],
      ['media-batch-MyOwnAlarm-1ABC', undefined],
      ['media-batchPausedAlarm-1ABC', undefined],
      ['', undefined],
    ] as const) {
      assert.equal(alarmOf(name, 'media-batch'), id, name);
    }
    assert.equal(alarmOf('media-batch-two-PausedAlarm-1ABC', 'media-batch-two'), 'PausedAlarm');
  });
});
