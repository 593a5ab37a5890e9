import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { AwsError, DeployError } from '../../../../src/core/errors.ts';
import type { Status } from '../../../../src/core/batch/result-item.ts';
import { filterBatchesCommand } from '../../../../src/ui/batches/filter-batches.ts';
import { formatTime } from '../../../../src/ui/base/format.ts';
import type { ViewNode } from '../../../../src/ui/base/node.ts';
import { awsError } from '../../../helpers/fakes.ts';
import { batchesWorld as view, item, meta, record } from '../../../helpers/ui/batches-world.ts';

describe('the Batches view', () => {
  it('asks for nothing while it is hidden, and watches only while it is shown', async () => {
    const { table, tree, watch } = view(() => undefined);
    assert.deepEqual(table.asked, []);
    assert.equal(watch.demanded.size, 0);
    tree.setVisible(true);
    assert.deepEqual([...watch.demanded], ['batches']);
    tree.setVisible(false);
    assert.equal(watch.demanded.size, 0);
  });

  it('shows the batches after one query, and the counts when the poll brings them', async () => {
    const b1 = meta('b1');
    const { table, tree, watch } = view((t) => (t.metas = [b1]));
    const [first] = await tree.rows();
    assert.deepEqual(table.asked, ['list ']);
    assert.equal(first?.label, '1999/');
    assert.match((first.node as ViewNode).tooltip ?? '', /^film-archive\/1999\/\nb1\n/);
    assert.match(first.description, /^reading counts… · .*Nov/);
    watch.tell({
      reading: {
        batches: new Map([['b1', record(b1, { succeeded: 10, dead: 2, processing: 1 })]]),
        rates: new Map([['b1', 0.01]]),
        problems: {},
        busy: true,
      },
      error: undefined,
    });
    const [row] = await tree.rows();
    assert.match(row?.description ?? '', /^24 %  1 h 3 min  2 failed · .*Nov/);
    assert.deepEqual(table.asked, ['list '], 'no further request for new counts');
  });

  it('lists the statuses that have files, and the number of queued files', async () => {
    const b1 = meta('b1');
    const { tree } = view((t) => {
      t.metas = [b1];
      t.records.set(
        'b1',
        record(b1, { succeeded: 1060, covered: 40, failed: 6, submitted: 3, retrying: 1, waiting: 2 }),
      );
    });
    const [batch] = await tree.rows();
    const rows = await tree.rows(batch?.node);
    assert.deepEqual(
      rows.map(({ label, description }) => [label, description]),
      [
        ['Succeeded', '1,060'],
        ['Covered by another batch', '40'],
        ['In progress', '6'],
        ['Failed', '6'],
      ],
    );
    const open = await tree.rows(rows[2]?.node);
    assert.deepEqual(
      open.map(({ label }) => label),
      ['Submitted to Ittybit', 'Waiting for another attempt', 'Waits for another batch'],
    );
  });

  it('says when the first file that waits is tried again, with one read for each change of the counts', async () => {
    const b1 = meta('b1');
    const soon = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();
    const { table, tree, stub, watch } = view((t) => {
      t.metas = [b1];
      t.records.set('b1', record(b1, { submitted: 1, retrying: 2 }));
      // As the index has them: the last to be looked at comes first.
      t.items = [90, 10].map((minutes) =>
        item(`${minutes}.mov`, { status: 'retrying', due_at: soon(minutes) }),
      );
    });
    const read = () => table.asked.filter((asked) => asked.startsWith('results'));
    const [batch] = await tree.rows();
    assert.deepEqual(read(), [], 'nothing while the batch is closed');
    const clock = formatTime(stub.vs, new Date(table.items[1]?.due_at ?? ''));
    for (let drawn = 0; drawn < 2; drawn += 1) {
      const [group] = await tree.rows(batch?.node);
      assert.equal(group?.description, `3 · next try ${clock}`);
      assert.deepEqual(
        (await tree.rows(group.node)).map(({ description }) => description),
        ['1', `2 · next try ${clock}`],
      );
    }
    assert.equal(read().length, 1);
    const tell = (counts: Partial<Record<Status, number>>): void => {
      const batches = new Map([['b1', record(b1, counts)]]);
      watch.tell({ reading: { batches, problems: {}, busy: true }, error: undefined });
    };
    const described = async () => {
      const [row] = await tree.rows();
      return (await tree.rows(row?.node))[0]?.description;
    };
    table.items = [item('10.mov', { status: 'retrying', due_at: soon(-1) })];
    tell({ submitted: 2, retrying: 1 });
    assert.equal(await described(), '3 · next try is due');
    table.failure = awsError('unreachable');
    tell({ submitted: 1, retrying: 1 });
    assert.equal(await described(), '2', 'the rows are complete without it');
    assert.equal(read().length, 3);
    tell({ submitted: 3 });
    assert.equal(await described(), '3');
    assert.equal(read().length, 3, 'no file waits');
  });

  it('counts files that another batch has done as done, and a batch of them as whole', async () => {
    const b1 = meta('b1');
    const { tree, watch } = view((t) => (t.metas = [b1]));
    const shown = async (counts: Partial<Record<Status, number>>): Promise<unknown[]> => {
      const batches = new Map([['b1', record(b1, counts)]]);
      watch.tell({ reading: { batches, problems: {}, busy: false }, error: undefined });
      const [row] = await tree.rows();
      return [row?.description.split(' · ')[0], (row?.node as ViewNode).icon?.id];
    };
    assert.deepEqual(await shown({ succeeded: 20, covered: 25, waiting: 5 }), ['90 %', 'run-all']);
    assert.deepEqual(await shown({ succeeded: 20, covered: 30 }), ['done, 0 failed', 'pass']);
  });

  it('pages the files of a status, and keeps what it has read', async () => {
    const b1 = meta('b1');
    const { table, tree, batches } = view((t) => {
      t.metas = [b1];
      t.records.set('b1', record(b1, { failed: 150 }));
      t.items = Array.from({ length: 150 }, (_, index) => item(`1999/reel ${index}.mov`));
    });
    const [batch] = await tree.rows();
    const [failed] = await tree.rows(batch?.node);
    const rows = await tree.rows(failed?.node);
    assert.equal(rows.length, 102);
    assert.equal(rows[0]?.label, 'reel 0.mov');
    assert.deepEqual([rows[100]?.label, rows[101]?.label], ['Load 100 more', 'Load all 150']);
    await batches.loadMore(rows[100]?.node as ViewNode);
    assert.equal((await tree.rows(failed?.node)).length, 150);
    const before = table.asked.length;
    await tree.rows(failed?.node);
    assert.equal(table.asked.length, before);
  });

  it('shows hostile names as one harmless line, each with its own id', async () => {
    const b1 = meta('b1', '');
    const keys = [
      'a\nb.mov',
      '\u202Egpj.mov',
      '../../etc/passwd',
      'a//b',
      'x'.repeat(1024),
      '<img src=x onerror=alert(1)>',
    ];
    const { tree } = view((t) => {
      t.metas = [b1];
      t.records.set('b1', record(b1, { failed: keys.length }));
      t.items = keys.map((key) => item(key, { error: `bad\u0000 ${key}` }));
    });
    const [batch] = await tree.rows();
    const [failed] = await tree.rows(batch?.node);
    const rows = await tree.rows(failed?.node);
    assert.equal(new Set(rows.map(({ item: { id } }) => id)).size, keys.length);
    for (const { label, description } of rows) assert.doesNotMatch(label + description, /[\p{Cc}\p{Cf}]/u);
    assert.equal(typeof rows[0]?.item.tooltip, 'string');
  });

  it('says how many files were sent and never claimed, and offers to send them again', async () => {
    const b1 = meta('b1');
    const { tree, watch } = view((t) => (t.metas = [b1]));
    const tell = (counts: Partial<Record<Status, number>>, neverClaimed: ReadonlySet<string> | undefined) => {
      const batches = new Map([['b1', record(b1, counts)]]);
      const rates = new Map([['b1', 1]]);
      const reading = { batches, neverClaimed, rates, problems: {}, busy: false };
      watch.tell({ reading, error: undefined });
    };
    tell({ succeeded: 38 }, new Set(['b1']));
    const [row] = await tree.rows();
    assert.match(row?.description ?? '', /^76 %  12 never claimed · /);
    assert.deepEqual(row?.contextValue.split(' '), [
      ...['batch', 'value', 'recorded'],
      ...['missing', 'cancellable', 'holdable'],
    ]);
    const [, never] = await tree.rows(row.node);
    assert.deepEqual([never?.label, never?.description], ['Never claimed', '12']);
    tell({ succeeded: 49 }, new Set(['b1']));
    assert.match((await tree.rows())[0]?.description ?? '', /^98 %  1 never claimed · /);
    for (const none of [undefined, new Set<string>(), new Set(['b2'])]) {
      tell({ succeeded: 38 }, none);
      const [usual] = await tree.rows();
      assert.match(usual?.description ?? '', /^76 %  less than 1 min · /);
      assert.doesNotMatch(usual?.contextValue ?? '', /missing/);
      assert.equal((await tree.rows(usual?.node))[1]?.label, 'Queued');
    }
  });

  it('offers to send dead files again where no letter is left of them', async () => {
    const b1 = meta('b1');
    const { tree, watch } = view((t) => (t.metas = [b1]));
    const tokens = async (counts: Partial<Record<Status, number>>, deadLetters: number | undefined) => {
      const batches = new Map([['b1', record(b1, counts)]]);
      watch.tell({ reading: { batches, deadLetters, problems: {}, busy: false }, error: undefined });
      return (await tree.rows())[0]?.contextValue.split(' ') ?? [];
    };
    assert.ok((await tokens({ dead: 2 }, 0)).includes('resendable'));
    for (const letters of [2, undefined]) {
      assert.ok(!(await tokens({ dead: 2 }, letters)).includes('resendable'));
    }
    assert.ok(!(await tokens({ succeeded: 2 }, 0)).includes('resendable'));
  });

  it('offers Stop while this window enqueues, and Resume for an enqueue that was stopped', async () => {
    const b1 = meta('b1');
    const { tree, ui } = view((t) => {
      t.metas = [b1];
      t.records.set('b1', record(b1, { succeeded: 1 }, false));
    });
    const [first] = await tree.rows();
    await tree.rows(first?.node);
    const [left] = await tree.rows();
    assert.match(left?.contextValue ?? '', /\bresumable\b/);
    const progress = { batch: 'b1', listed: 9, sent: 9, skipped: {} };
    ui.enqueues.set('b1', { progress, stop: () => undefined });
    const [running] = await tree.rows();
    assert.match(running?.contextValue ?? '', /\benqueuing\b/);
    assert.doesNotMatch(running?.contextValue ?? '', /\bresumable\b/);
    assert.match(running?.description ?? '', /enqueuing, 9 sent/);
  });

  it('looks up once when a batch ended', async () => {
    const b1 = meta('b1');
    const { table, tree, watch } = view((t) => {
      t.metas = [b1];
      t.items = [item('a', { status: 'succeeded', completed_at: '2026-11-23T14:05:00.000Z' })];
    });
    for (let polls = 0; polls < 3; polls += 1) {
      const batches = new Map([['b1', record(b1, { succeeded: 50 })]]);
      watch.tell({ reading: { batches, problems: {}, busy: false }, error: undefined });
      await tree.rows();
      await setImmediate();
    }
    assert.match((await tree.rows())[0]?.description ?? '', /^done in 3 min, 0 failed · /);
    assert.deepEqual(table.asked, ['list ', 'results succeeded ']);
  });

  it('says since when AWS is silent, also beside a filter', async () => {
    const b1 = meta('b1');
    const { tree, watch, batches } = view((t) => (t.metas = [b1]));
    await tree.rows();
    const reading = { batches: new Map([['b1', record(b1, {})]]), problems: {}, busy: true };
    const silentSince = Date.parse('2026-11-23T08:31:00.000Z');
    watch.tell({ reading, error: undefined, silentSince });
    assert.match(tree.message ?? '', /^AWS silent since .*31.*\.$/);
    batches.setFilter({ text: '1999', failed: false });
    await tree.rows();
    assert.match(tree.message ?? '', /^AWS silent since .*\. Showing batches that match "1999"\.$/);
    watch.tell({ reading, error: undefined });
    assert.doesNotMatch(tree.message ?? '', /silent/);
  });

  it('shows files of other senders last, once there are any', async () => {
    const b1 = meta('b1');
    const { tree, watch } = view((t) => (t.metas = [b1]));
    const batches = new Map([
      ['b1', record(b1, {})],
      ['default', record(undefined, { succeeded: 3 })],
    ]);
    watch.tell({ reading: { batches, problems: {}, busy: false }, error: undefined });
    assert.deepEqual(
      (await tree.rows()).map(({ label }) => label),
      ['1999/', 'Sent without Media Batch'],
    );
  });

  it('filters by text over all pages, and clears the filter', async () => {
    const metas = Array.from({ length: 60 }, (_, index) =>
      meta(`b${index}`, index === 55 ? 'Special/' : '1999/'),
    );
    const answers = ['By bucket or prefix…', 'special', 'Show all'];
    const { tree, ui, batches, stub } = view(
      (t) => (t.metas = metas),
      () => answers.shift(),
    );
    await filterBatchesCommand(ui, batches);
    assert.deepEqual(
      (await tree.rows()).map(({ label }) => label),
      ['Special/'],
    );
    assert.equal(tree.message, 'Showing batches that match "special".');
    assert.equal(stub.context.get('mediaBatch.batchFilter'), true);
    await filterBatchesCommand(ui, batches);
    assert.equal((await tree.rows()).length, 26);
    assert.equal(tree.message, '');
    batches.setFilter({ text: 'nowhere', failed: false });
    assert.deepEqual(await tree.rows(), []);
    // A message would keep the welcome content away, which says that nothing matches.
    assert.equal(tree.message, '');
  });

  it('selects a batch that it lists, and says so of another one', async () => {
    const { batches, tree, stub } = view((t) => (t.metas = [meta('b1'), meta('b2')]));
    await batches.reveal('b2');
    assert.deepEqual(
      tree.revealed.map((row) => (row as ViewNode).id),
      ['batch b2'],
    );
    assert.deepEqual(stub.executed.at(-1)?.id, 'mediaBatch.batches.focus');
    await assert.rejects(batches.reveal('b\u202e3'), {
      code: 'not-found',
      message: /b\\u\{202e\}3: it is filtered/,
    });
  });

  it('filters by failures', async () => {
    const { tree, batches } = view((t) => {
      t.metas = [meta('b1'), meta('b2')];
      t.records.set('b1', record(meta('b1'), { succeeded: 50 }));
      t.records.set('b2', record(meta('b2'), { succeeded: 49, dead: 1 }));
    });
    batches.setFilter({ text: '', failed: true });
    assert.equal((await tree.rows()).length, 1);
  });

  it('shows the welcome content without a stack or a login, and other errors as rows', async () => {
    const { tree, connection, table } = view(
      (t) => (t.failure = new DeployError('not-deployed', 's', 'None.')),
    );
    assert.deepEqual(await tree.rows(), []);
    const details = { operation: 'dynamodb:Query', awsCode: 'AccessDenied' };
    table.failure = new AwsError('missing-permission', 'AWS denies dynamodb:Query.', details);
    assert.deepEqual(
      (await tree.rows()).map(({ label, contextValue }) => [label, contextValue]),
      [['AWS denies dynamodb:Query.', 'error']],
    );
    const expired = new AwsError('expired-login', 'Expired.', details);
    connection.become({ kind: 'signed-out', error: expired, profile: undefined });
    assert.deepEqual(await tree.rows(), []);
  });
});
