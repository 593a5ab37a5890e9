import assert from 'node:assert/strict';
import { KeptTables } from '../../../../src/ui/connection/kept-tables.ts';
import { KnownStacks } from '../../../../src/ui/connection/known-stacks.ts';
import { stubMemento } from '../../../helpers/ui/vscode-stub-basics.ts';

const PLACE = { account: '111122223333', region: 'eu-west-1', endpoint: undefined };
const kept = (table: string, change: object = {}) => ({
  ...PLACE,
  table,
  stackName: 'media-batch',
  connectionId: 'conn_1',
  ...change,
});

describe('the tables of deleted stacks', () => {
  it('are remembered by account, region and endpoint, the last one first', async () => {
    const tables = new KeptTables(stubMemento());
    const others = [
      { account: '444455556666' },
      { region: 'eu-south-1' },
      { endpoint: 'http://localhost:1' },
    ];
    for (const change of others) await tables.note(kept('elsewhere', change));
    for (const table of ['one', 'two', 'one']) await tables.note(kept(table));
    assert.deepEqual(tables.at(PLACE), [kept('one'), kept('two')]);
    assert.deepEqual(
      others.map((change) => tables.at({ ...PLACE, ...change }).length),
      [1, 1, 1],
    );
  });

  it('outlive what is known of the stack', async () => {
    const memory = stubMemento();
    const place = { ...PLACE, profile: undefined, stackName: 'media-batch' };
    const known = new KnownStacks(memory);
    await known.note(place);
    await new KeptTables(memory).note(kept('one'));
    await known.forget(place);
    assert.deepEqual(new KeptTables(memory).at(PLACE), [kept('one')]);
  });

  it('are twenty at most', async () => {
    const tables = new KeptTables(stubMemento());
    for (let i = 0; i < 25; i += 1) await tables.note(kept(`t${i}`));
    assert.deepEqual([tables.at(PLACE).length, tables.at(PLACE)[0]?.table], [20, 't24']);
  });

  it('are none where the memory holds another shape', async () => {
    for (const hostile of [null, 'text', 7, { a: 1 }, [null, 'x', kept('one', { table: 7 })]]) {
      const tables = new KeptTables(stubMemento({ keptTables: hostile }));
      assert.deepEqual(tables.at(PLACE), []);
      await tables.note(kept('one'));
      assert.equal(tables.at(PLACE).length, 1);
    }
  });
});
