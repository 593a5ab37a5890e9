import assert from 'node:assert/strict';
import { expiryDays, groupDeadLetters } from '../../../../src/app/batch/dead-letter-groups.ts';
import type { DeadLetter } from '../../../../src/app/batch/dead-letters.ts';

const letter = (id: string, change: Partial<DeadLetter> = {}): DeadLetter => ({
  id,
  file: undefined,
  body: '',
  failureClass: 'rejected',
  reason: 'no codec',
  attempts: 1,
  receiveCount: 1,
  failedAt: undefined,
  expiresAt: new Date(0),
  ...change,
});

describe('groupDeadLetters', () => {
  it('groups by class and reason, the largest first', () => {
    const groups = groupDeadLetters([
      letter('a', { reason: 'denied' }),
      letter('b'),
      letter('c', { reason: ' no codec\n' }),
      letter('d', { failureClass: 'attempts-exhausted' }),
    ]);
    assert.deepEqual(
      groups.map(({ failureClass, reason, letters }) => [failureClass, reason, letters.map(({ id }) => id)]),
      [
        ['rejected', 'no codec', ['b', 'c']],
        ['rejected', 'denied', ['a']],
        ['attempts-exhausted', 'no codec', ['d']],
      ],
    );
    assert.deepEqual(groupDeadLetters([]), []);
  });

  it('lists the newest first, and letters without a valid time last', () => {
    const [group] = groupDeadLetters([
      letter('none'),
      letter('old', { failedAt: '2026-11-20T10:00:00.000Z' }),
      letter('nonsense', { failedAt: 'constructor' }),
      letter('new', { failedAt: '2026-11-23T10:00:00.000Z' }),
    ]);
    assert.deepEqual(
      group?.letters.map(({ id }) => id),
      ['new', 'old', 'none', 'nonsense'],
    );
    assert.deepEqual(group.newest, new Date('2026-11-23T10:00:00.000Z'));
    assert.equal(groupDeadLetters([letter('none')])[0]?.newest, undefined);
  });

  it('keeps apart what only looks alike when joined', () => {
    const letters = [
      letter('a', { failureClass: 'x', reason: 'y|z' }),
      letter('b', { failureClass: 'x|y', reason: 'z' }),
    ];
    assert.equal(groupDeadLetters(letters).length, 2);
  });
});

describe('expiryDays', () => {
  it('counts whole days, and stops at 0', () => {
    const expiresAt = new Date('2026-11-23T10:00:00.000Z');
    const days = (now: string) => expiryDays({ expiresAt }, Date.parse(now));
    assert.deepEqual(
      [days('2026-11-09T11:00:00Z'), days('2026-11-23T09:59:00Z'), days('2026-12-01T00:00:00Z')],
      [13, 0, 0],
    );
  });
});
