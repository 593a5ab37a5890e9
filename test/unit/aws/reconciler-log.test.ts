import assert from 'node:assert/strict';
import { UpdateCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { beginRun } from '../../../src/aws/reconciler-log.ts';
import { readRun, reconcilerKey } from '../../../src/core/stack/reconciler-run.ts';

const START = Date.parse('2026-11-23T10:00:00.000Z');

/** The item of the last run, with the two updates that it knows. */
class RunItem {
  fields: Record<string, unknown> = {};
  ms = START;
  readonly client = {
    send: async (command: unknown) => {
      assert.ok(command instanceof UpdateCommand);
      const { Key, UpdateExpression = '', ExpressionAttributeValues } = command.input;
      const values: Record<string, unknown> = ExpressionAttributeValues ?? {};
      assert.deepEqual(Key, reconcilerKey('arn:stack/1'));
      if (UpdateExpression === 'SET startedAt = :startedAt, leaseEnds = :ends') {
        const { leaseEnds } = this.fields;
        if (leaseEnds !== undefined && Number(leaseEnds) > Number(values[':now'])) {
          throw Object.assign(new Error('no'), { name: 'ConditionalCheckFailedException' });
        }
        Object.assign(this.fields, { startedAt: values[':startedAt'], leaseEnds: values[':ends'] });
      } else {
        const ended = { endedAt: values[':endedAt'], did: values[':did'], error: values[':error'] };
        const set = 'SET endedAt = :endedAt, did = :did, #error = :error';
        const letters = ', letters = :letters';
        const since = ', emptySince = if_not_exists(emptySince, :endedAt)';
        assert.ok(
          [
            `${set} REMOVE leaseEnds`,
            `${set}${letters}${since} REMOVE leaseEnds`,
            `${set}${letters} REMOVE leaseEnds, emptySince`,
          ].includes(UpdateExpression),
          UpdateExpression,
        );
        const emptySince = this.fields['emptySince'] ?? values[':endedAt'];
        Object.assign(this.fields, ended, UpdateExpression.includes(since) && { emptySince });
        if (UpdateExpression.includes(letters)) this.fields['letters'] = values[':letters'];
        delete this.fields['leaseEnds'];
        if (UpdateExpression.endsWith('emptySince')) delete this.fields['emptySince'];
      }
      return { Attributes: { ...this.fields } };
    },
  } as unknown as DynamoDBDocumentClient;

  begin() {
    return beginRun(this.client, 'results', 'arn:stack/1', () => this.ms);
  }
}

describe('a run of the reconciler', () => {
  it('is recorded with what it did, and the next one follows', async () => {
    const item = new RunItem();
    const run = await item.begin();
    item.ms += 5000;
    await run!.end({ settled: 2 }, undefined);
    assert.deepEqual(readRun(item.fields), {
      startedAt: '2026-11-23T10:00:00.000Z',
      endedAt: '2026-11-23T10:00:05.000Z',
      did: { settled: 2 },
      error: undefined,
    });
    const next = await item.begin();
    await next!.end({}, 'The table is gone.');
    assert.deepEqual([readRun(item.fields)?.error, readRun(item.fields)?.did], ['The table is gone.', {}]);
  });

  it('remembers since when the queue has been empty, and forgets it with the first message', async () => {
    const item = new RunItem();
    const since: unknown[] = [];
    for (const work of [0, 0, undefined, 7, 0]) {
      const run = await item.begin();
      item.ms += 60_000;
      await run!.end({}, undefined, work === undefined ? undefined : { work, letters: 0 });
      since.push(readRun(item.fields)?.emptySince?.slice(11, 16));
    }
    assert.deepEqual(since, ['10:01', '10:01', '10:01', undefined, '10:05']);
  });

  it('knows how many dead letters there were at the end of the last one', async () => {
    const item = new RunItem();
    const before: unknown[] = [];
    for (const letters of [3, undefined, 5, 0]) {
      const run = await item.begin();
      before.push(run!.lettersBefore);
      await run!.end({}, undefined, letters === undefined ? undefined : { work: 1, letters });
    }
    assert.deepEqual(before, [undefined, 3, 3, 5]);
  });

  it('is alone, until it must be dead', async () => {
    const item = new RunItem();
    assert.ok(await item.begin());
    item.ms += 60_000;
    assert.equal(await item.begin(), undefined, 'its function may still be at work');
    item.ms += 30_000;
    assert.ok(await item.begin());
  });

  it('does not begin where the table cannot be written', async () => {
    const item = new RunItem();
    item.client.send = async () => Promise.reject(new Error('AccessDenied'));
    await assert.rejects(item.begin(), /AccessDenied/);
  });
});
