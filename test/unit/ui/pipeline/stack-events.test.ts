import assert from 'node:assert/strict';
import { stackEventRows } from '../../../../src/ui/pipeline/stack-events.ts';
import { stubVscode } from '../../../helpers/ui/vscode-stub.ts';
import { eventOf } from '../../../helpers/fake-stacks.ts';

const { vs } = stubVscode();
const operation = { stackName: 'media-batch', kind: 'deploy', running: true, failure: undefined } as const;
const signal = new AbortController().signal;

describe('the events of a stack', () => {
  it('are a row for each resource with its latest status, the last changed on top', async () => {
    const rows = stackEventRows(vs, {
      ...operation,
      events: [
        eventOf(1, 'WorkQueue', 'CREATE_IN_PROGRESS'),
        eventOf(2, 'Role', 'CREATE_IN_PROGRESS'),
        eventOf(3, 'WorkQueue', 'CREATE_COMPLETE'),
      ],
    });
    assert.deepEqual(
      rows.map(({ label, description, icon }) => [label, description, icon?.id]),
      [
        ['WorkQueue', 'CREATE_COMPLETE', 'check'],
        ['Role', 'CREATE_IN_PROGRESS', 'sync'],
      ],
    );
    const events = await rows[0]?.children?.(signal);
    assert.deepEqual(
      events?.map(({ label }) => label),
      ['CREATE_IN_PROGRESS', 'CREATE_COMPLETE'],
    );
  });

  it('have the first failure on top, to be copied whole', () => {
    const reason = `${'x'.repeat(500)} end`;
    const failure = eventOf(2, 'Role', 'CREATE_FAILED', reason);
    const rows = stackEventRows(vs, {
      ...operation,
      failure,
      events: [eventOf(1, 'WorkQueue', 'CREATE_IN_PROGRESS'), failure],
    });
    const [first] = rows;
    assert.match(first?.label ?? '', /^First failure: Role: x+…$/);
    assert.equal(first?.icon?.id, 'error');
    assert.ok(first.tooltip?.endsWith(' end'));
    assert.deepEqual(first.data, { value: reason });
    assert.ok(first.tokens.includes('value'));
    assert.equal(rows[1]?.icon?.color, 'list.errorForeground');
  });

  it('keep their ids while events come, none of them twice', async () => {
    const events = [eventOf(1, 'A', 'CREATE_IN_PROGRESS'), eventOf(1, 'B', 'CREATE_IN_PROGRESS')];
    const later = [...events, eventOf(1, 'A', 'CREATE_COMPLETE')];
    const before = await idsOf(events);
    const after = await idsOf(later);
    assert.equal(new Set(after).size, after.length);
    assert.ok(before.every((id) => after.includes(id)));
  });

  it('show hostile text as it is, in one line', async () => {
    const hostile = 'evil\u202e\n[x](command:y)';
    const event = eventOf(1, hostile, hostile, hostile);
    const rows = stackEventRows(vs, { ...operation, failure: event, events: [event] });
    const all = [...rows, ...((await rows[1]?.children?.(signal)) ?? [])];
    assert.equal(all.length, 3);
    for (const { label, description, spoken } of all) {
      for (const text of [label, description ?? '', spoken ?? '']) assert.doesNotMatch(text, /[\u202e\n]/);
    }
  });

  it('are none where nothing has come yet', () => {
    assert.deepEqual(stackEventRows(vs, { ...operation, events: [] }), []);
  });
});

async function idsOf(events: readonly ReturnType<typeof eventOf>[]): Promise<string[]> {
  const rows = stackEventRows(vs, { ...operation, events });
  const levels = await Promise.all(rows.map(async (row) => (await row.children?.(signal)) ?? []));
  return [...rows, ...levels.flat()].map(({ id }) => id);
}
