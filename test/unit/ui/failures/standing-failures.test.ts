import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { AS_READ } from '../../../../src/core/files/file-order.ts';
import type { ViewNode } from '../../../../src/ui/base/node.ts';
import { FailureLook } from '../../../../src/ui/failures/failure-look.ts';
import { counted, failed, failuresWorld, metaOf } from '../../../helpers/ui/failures-world.ts';

type World = ReturnType<typeof failuresWorld>;

describe('the lists of the Failures view', () => {
  const settled = async ({ failures }: World) => {
    await failures.all();
    for (let turn = 0; turn < 20; turn += 1) await setImmediate();
  };
  const labels = async ({ tree }: World) => (await tree.rows()).map(({ label }) => label);
  const filesOf = async ({ tree }: World, node: unknown) =>
    (await tree.rows(node)).map(({ label }) => label).filter((label) => !label.startsWith('In common'));

  /** A view in sight with two files of one cause, and the row of the cause. */
  async function shown() {
    const world = failuresWorld({ items: [failed('a', { size: 1 }), failed('b', { size: 9 })] });
    world.tree.setVisible(true);
    await settled(world);
    const [group] = await world.tree.rows();
    assert.ok(group);
    /** The stack has so many failures more, and the poll says so until the view has reacted. */
    const add = async (...keys: string[]) => {
      for (const key of keys) world.ledger.items.set(key, failed(key));
      const before = (await labels(world)).join();
      const failures = world.ledger.items.size;
      while ((await labels(world)).join() === before) {
        world.watch.tell(counted(0, { failed: failures }));
        await settled(world);
      }
    };
    return { ...world, node: group.node as ViewNode, add };
  }

  it('stand while a cause is open, say what is new, and change on Show New', async () => {
    const world = await shown();
    world.tree.setExpanded(world.node, true);
    await world.add('c', 'd', 'e');
    assert.deepEqual(await labels(world), ['3 new, show', '2  the file has no video stream']);
    assert.deepEqual(await filesOf(world, world.node), ['a', 'b']);
    assert.equal(world.tree.badge?.value, 5, 'the number in front is that of now');
    const looks = world.store.listed.length;
    world.watch.tell(counted(0, { failed: 5 }));
    await settled(world);
    assert.equal(world.store.listed.length, looks);
    world.failures.showNew();
    while ((await labels(world)).length > 1) await settled(world);
    assert.deepEqual(await labels(world), ['5  the file has no video stream']);
    assert.equal((await world.tree.rows())[0]?.item.id, world.node.id, 'the row is the same');
  });

  it('stand while a cause is selected, and move by themselves when nobody works with them', async () => {
    const world = await shown();
    world.tree.select([world.node]);
    await world.add('c');
    assert.equal((await labels(world))[0], '1 new, show');
    world.tree.select([]);
    await world.add('d');
    assert.deepEqual(await labels(world), ['4  the file has no video stream']);
  });

  it('come at once where there was none', async () => {
    const world = failuresWorld({});
    world.tree.setVisible(true);
    await settled(world);
    assert.deepEqual(await labels(world), []);
    world.ledger.items.set('a', failed('a'));
    world.store.metas.set('b1', metaOf('b1'));
    world.watch.tell(counted(0, { failed: 1 }));
    await settled(world);
    assert.deepEqual(await labels(world), ['1  the file has no video stream']);
  });

  it('say that there are fewer, or others', async () => {
    const world = await shown();
    world.tree.setExpanded(world.node, true);
    world.watch.tell(counted(0, { failed: 1 }));
    assert.equal((await labels(world))[0], '1 fewer, show');
    world.watch.tell(counted(0, { failed: 1, dead: 1 }));
    assert.equal((await labels(world))[0], 'Others by now, show');
    world.tree.setExpanded(world.node, false);
    assert.equal((await filesOf(world, world.node)).length, 2);
  });

  it('have an order and a filter, which stay over other rows', async () => {
    const world = await shown();
    assert.deepEqual(
      world.failures.lists().map(({ id }) => id),
      [world.node.id],
    );
    world.failures.arrange(world.node, { order: 'size', text: '' });
    assert.deepEqual(await filesOf(world, world.node), ['b', 'a']);
    assert.match((await world.tree.rows())[0]?.description ?? '', / · by size$/);
    const [, b] = await world.tree.rows(world.node);
    assert.match(b?.description ?? '', /^9 B {2}/);
    world.failures.arrange(world.node, { order: 'name', text: 'A' });
    world.failures.refresh();
    await settled(world);
    assert.deepEqual(await filesOf(world, (await world.tree.rows())[0]?.node), ['a']);
    world.failures.arrange(world.node, AS_READ);
    assert.equal((await filesOf(world, (await world.tree.rows())[0]?.node)).length, 2);
  });

  it('show at most 2,000 rows of a cause, and say that a filter finds the others', async () => {
    const items = Array.from({ length: 2_100 }, (_, index) => failed(`k${index}`));
    const world = failuresWorld({ items });
    await settled(world);
    const [group] = await world.tree.rows();
    await world.failures.loadAll(group?.node as ViewNode, {
      signal: new AbortController().signal,
      onRead: () => undefined,
    });
    const rows = await filesOf(world, group?.node);
    assert.equal(rows.length, 2_001);
    assert.equal(
      rows.find((label) => label.startsWith('The first')),
      'The first 2,000 of 2,100 loaded: filter by a part of the name',
    );
  });

  it('keep at most so many files, and load the rest with progress', async () => {
    const items = Array.from({ length: 60 }, (_, index) => failed(`k${index}`));
    const world = failuresWorld({ items });
    const read: string[] = [];
    const signal = new AbortController().signal;
    const scope = world.ui.scopes.present;
    const memory = { most: 20, counts: new Map(), letters: undefined };
    const look = new FailureLook(
      scope,
      () => undefined,
      memory,
      () => undefined,
      50,
    );
    await look.rest(signal, (some, all) => read.push(`${some} of ${all}`));
    assert.deepEqual([look.failures.length, look.total, look.isPart, look.hasMore], [50, 60, true, false]);
    assert.deepEqual(read, ['20 of 60', '40 of 60']);
    const control = new AbortController();
    control.abort();
    const other = new FailureLook(
      scope,
      () => undefined,
      memory,
      () => undefined,
      50,
    );
    await assert.rejects(
      other.rest(control.signal, () => undefined),
      { name: 'AbortError' },
    );
    assert.equal(other.failures.length, 20, 'what has been read stays');
  });

  it('take the end of a command although a reading fails meanwhile', async () => {
    const away = { read: () => Promise.reject(new Error('AWS is away')) };
    const look = new FailureLook(
      away,
      () => undefined,
      undefined,
      () => undefined,
    );
    const reading = look.whole();
    const taken = look.replace([failed('a')]);
    await assert.rejects(reading, /AWS is away/);
    await taken;
  });
});
