import assert from 'node:assert/strict';
import { groupFailures as groupSteps } from '../../../../src/app/batch/failure-groups.ts';
import { failureOfItem, failureOfLetter, type Failure } from '../../../../src/app/batch/failures.ts';
import { atOnce } from '../../../../src/core/steps.ts';
import { plantedFailures } from '../../../helpers/planted-failures.ts';
import { at, MINUTE, stored } from '../../../helpers/stored-items.ts';

const groupFailures = (failures: readonly Failure[]) => atOnce(groupSteps(failures));
const failed = (key: string, error?: string, minutes = 0): Failure =>
  failureOfItem(stored('failed', { key, updated_at: at(minutes * MINUTE), ...(error && { error }) }));

describe('failures by cause', () => {
  it('are 12 groups, give or take one, of 10,000 failures of 12 causes, and at least 95 % pure', () => {
    const planted = plantedFailures(10_000);
    const causes = new Map(planted.map(({ failure, cause }) => [failure, cause]));
    const start = performance.now();
    const groups = groupFailures(planted.map(({ failure }) => failure));
    const ms = performance.now() - start;
    const names = groups.map(({ words, failures }) => `${failures.length} ${words}`).join('\n');
    assert.ok(Math.abs(groups.length - 12) <= 1, names);
    const pure = groups.reduce((sum, { failures }) => {
      const of = Map.groupBy(failures, (failure) => causes.get(failure));
      return sum + Math.max(...[...of.values()].map(({ length }) => length));
    }, 0);
    assert.ok(pure >= 9500, `${pure} of 10000`);
    assert.ok(ms < 2000, `${ms} ms`);
  });

  it('have the largest group first, and the newest file first', () => {
    const groups = groupFailures([
      failed('c', 'other'),
      failed('a', 'bad input', 1),
      failed('b', 'bad input', 2),
    ]);
    assert.deepEqual(
      groups.map(({ words, failures, newest }) => [words, failures.map(({ file }) => file?.key), newest]),
      [
        ['bad input', ['b', 'a'], new Date(at(2 * MINUTE))],
        ['other', ['c'], new Date(at(0))],
      ],
    );
  });

  it('keep the words of a reason that is the same for all, and show gaps where it is not', () => {
    const [same] = groupFailures([failed('a', 'after 3 tries'), failed('b', 'after 3 tries')]);
    const [other] = groupFailures([failed('a', 'After 3 tries'), failed('b', 'After 4 tries')]);
    assert.deepEqual([same?.words, other?.words], ['after 3 tries', 'After … tries']);
    assert.equal(same?.id, other?.id, 'the row stays the same');
  });

  it('say how the files failed, and what they have in common', () => {
    const dead = failureOfItem(stored('dead', { key: 'in/c.mov', error: 'x', failure_class: 'rejected' }));
    const old = failureOfItem(stored('dead', { key: 'in/d.mov', error: 'x' }));
    const [group] = groupFailures([failed('in/a.mov', 'x'), dead, failed('in/b.mov', 'x'), old]);
    assert.deepEqual(group?.kinds, [
      ['failed', 2],
      ['rejected', 1],
      ['dead', 1],
    ]);
    assert.deepEqual(group.common, {
      extension: { value: '.mov', count: 4 },
      folder: { value: 's3://media/in/', count: 4 },
    });
  });

  it('take what says nothing: no reason, no time, no file', () => {
    const letter = failureOfLetter({
      ...{ id: 'm1', file: undefined, body: '{', receiveCount: 1, expiresAt: new Date(0) },
      ...{ failureClass: 'unreadable', reason: ' ', attempts: undefined, failedAt: 'soon' },
    });
    const [group] = groupFailures([failed('a'), letter]);
    assert.deepEqual([group?.words, group?.failures.length], ['', 2]);
    assert.deepEqual(groupFailures([letter])[0]?.newest, undefined);
    assert.deepEqual(groupFailures([]), []);
  });
});
