import assert from 'node:assert/strict';
import { lastEnd } from '../../../../src/app/batch/last-end.ts';
import { zeroCounts } from '../../../../src/core/batch/batch.ts';
import type { ResultItem, Status } from '../../../../src/core/batch/result-item.ts';
import { FakeBatches, PIPELINE } from '../../../helpers/fakes.ts';

const at = (minute: number) => `2026-11-23T12:0${minute}:00.000Z`;

function item(status: Status, change: Partial<ResultItem>): ResultItem {
  const file = { bucket: 'film', key: `${status}.mp4`, batch: 'b1', status, kind: 'video' };
  return { ...file, attempts: 1, run: 1, created_at: at(0), updated_at: at(9), rev: 1, ...change };
}

describe('the last end of a batch', () => {
  const find = async (items: readonly ResultItem[]) => {
    const batches = new FakeBatches();
    batches.items = items;
    const asked: string[] = [];
    const results = (table: string, query: { batch: string; status: Status }, page: { limit: number }) => {
      asked.push(`${query.status} ${page.limit}`);
      return batches.results(table, query, page);
    };
    const counts = zeroCounts();
    for (const { status } of items) counts[status] += 1;
    const end = await lastEnd({ batch: 'b1', counts }, PIPELINE, { results });
    return { end: end === undefined ? undefined : new Date(end).toISOString(), asked };
  };

  it('is that of the newest file of each end, and asks for one file of each', async () => {
    const found = await find([
      item('succeeded', { completed_at: at(3) }),
      item('succeeded', { completed_at: at(2) }),
      item('failed', { completed_at: at(4) }),
    ]);
    assert.deepEqual(found, { end: at(4), asked: ['succeeded 1', 'failed 1'] });
  });

  it('is not a later look at a dead file', async () => {
    const history = [{ status: 'dead', at: at(5), attempts: 3 }] as const;
    assert.equal((await find([item('dead', { history })])).end, at(5));
    assert.equal((await find([item('covered', { updated_at: at(1) })])).end, at(1));
  });

  it('is not known where no file has an end, or its time cannot be read', async () => {
    assert.deepEqual(await find([item('submitted', {})]), { end: undefined, asked: [] });
    assert.equal((await find([item('failed', { completed_at: 'x' })])).end, undefined);
  });
});
