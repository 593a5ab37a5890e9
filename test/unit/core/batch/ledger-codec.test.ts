import assert from 'node:assert/strict';
import { readOutputOwner, readSourceItems } from '../../../../src/core/batch/ledger-codec.ts';
import { resultItem } from '../../../../src/core/batch/result-codec.ts';
import { stored } from '../../../helpers/stored-items.ts';

const item = (batch: string, change = {}) => ({ ...resultItem(stored('submitted', { batch })), ...change });
const work = (name: string, owner: unknown) => ({ pk: 's3://media/a.mp4', sk: `work#${name}#-`, owner });

describe('readSourceItems', () => {
  it('reads the items of all batches, and who owns each work', () => {
    const { items, owners } = readSourceItems(
      [item('b0'), item('b1'), work('1', 'b0'), work('2', 'b1')],
      'b1',
    );
    assert.deepEqual(items, [stored('submitted', { batch: 'b0' }), stored('submitted')]);
    assert.deepEqual(
      [...owners],
      [
        ['work#1#-', 'b0'],
        ['work#2#-', 'b1'],
      ],
    );
  });

  it('refuses to guess about the file that is claimed, or about an owner: a guess could be paid for', () => {
    for (const broken of ['b0', 'b1']) {
      const rows = [
        item('b0', broken === 'b0' && { rev: 'x' }),
        item('b1', broken === 'b1' && { rev: 'x' }),
        work('1', 'b0'),
      ];
      assert.throws(() => readSourceItems(rows, 'b1'), {
        code: 'unreadable-item',
        message: /"rev".*batch#b/,
      });
    }
  });

  it('leaves out what it cannot read of anybody else, and rows that are none of ours', () => {
    const rows = [
      item('b0', { status: 'braked' }),
      work('1', 7),
      { pk: 's3://media/a.mp4', sk: 'note', text: 'by hand' },
      { pk: 's3://media/a.mp4', sk: 9 },
    ];
    assert.deepEqual(readSourceItems(rows, 'b1'), { items: [], owners: new Map() });
  });
});

describe('readOutputOwner', () => {
  const owner = { batch: 'b1', bucket: 'media', key: 'a.mp4' };

  it('names the owner of an address, and refuses to guess', () => {
    assert.deepEqual(readOutputOwner({ ...owner, pk: 'output#s3://o' }, 's3://o'), {
      ...owner,
      address: 's3://o',
    });
    for (const name of Object.keys(owner))
      assert.throws(() => readOutputOwner({ ...owner, [name]: 7 }, 's3://o'), {
        code: 'unreadable-item',
        message: /s3:\/\/o/,
      });
  });
});
