import assert from 'node:assert/strict';
import type { DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { dynamoBrakes } from '../../../src/aws/batch-brakes.ts';
import { bareWords } from '../../helpers/bare-words.ts';

const FILE = { batch: 'b1', bucket: 'media', key: 'a.mp4' };
const REFUSED = Object.assign(new Error('the condition does not hold'), {
  name: 'ConditionalCheckFailedException',
});

describe('brakes in the results table', () => {
  let updates: UpdateCommand['input'][];
  /** @param answers the attributes after each update, or its error */
  const brakesOf = (...answers: (object | Error)[]) => {
    updates = [];
    const client = {
      async send({ input }: UpdateCommand) {
        updates.push(input);
        const answer = answers[updates.length - 1] ?? {};
        if (answer instanceof Error) throw answer;
        return { Attributes: answer };
      },
    } as unknown as DynamoDBDocumentClient;
    return dynamoBrakes(client, 'results', 'consumer', () => Date.parse('2026-11-26T10:00:00Z'));
  };
  const streak = (count: number) => ({ streak: { cause: 'c', count } });
  const expressions = () => updates.map(({ UpdateExpression }) => UpdateExpression);
  const MORE = 'SET #streak.#count = #streak.#count + :one';
  const FIRST = 'SET #streak = :streak';
  const HOLD = 'SET #hold = :hold REMOVE #streak';

  it('hold no bare messages, whose batch has no record that says so, and begin a new row', async () => {
    const bare = { ...FILE, batch: 'default' };
    assert.equal(await brakesOf(streak(10), {}).failed(bare, 'no connection'), 10);
    assert.deepEqual(expressions(), [MORE, 'REMOVE #streak']);
  });

  it('hold a batch at the tenth failure in a row, with the reason, who and when', async () => {
    await brakesOf(streak(9)).failed(FILE, 'no connection');
    assert.deepEqual(expressions(), [MORE]);
    await brakesOf(streak(10)).failed(FILE, 'no connection');
    assert.deepEqual(expressions(), [MORE, HOLD]);
    const { cause, ...hold } = updates[1]?.ExpressionAttributeValues?.[':hold'] as Record<string, string>;
    const reason = '10 files in a row ended so: no connection';
    assert.deepEqual(hold, { reason, at: '2026-11-26T10:00:00.000Z', by: 'consumer' });
    assert.equal(cause, updates[0]?.ExpressionAttributeValues?.[':cause']);
  });

  it('begin another row for another cause, and join one that others begin at the same moment', async () => {
    await brakesOf(REFUSED, streak(1)).failed(FILE, 'no connection');
    assert.deepEqual(expressions(), [MORE, FIRST]);
    await brakesOf(REFUSED, REFUSED, streak(10)).failed(FILE, 'no connection');
    assert.deepEqual(expressions(), [MORE, FIRST, MORE, HOLD]);
  });

  it('leave a failure uncounted that cannot be, and hand on any other error', async () => {
    await brakesOf(...Array.from({ length: 20 }, () => REFUSED)).failed(FILE, 'no connection');
    assert.equal(updates.length, 10);
    const denied = new Error('denied');
    for (const call of [
      () => brakesOf(denied).failed(FILE, 'x'),
      () => brakesOf(denied).succeeded('b1'),
      () => brakesOf(denied).hold('b1', { cause: 'c', reason: 'r' }),
    ]) {
      await assert.rejects(call, denied);
    }
  });

  it('take a batch that is held already, or whose cause is disarmed, for done', async () => {
    await brakesOf(REFUSED).hold('b1', { cause: 'c', reason: 'r' });
    await brakesOf(streak(12), REFUSED).failed(FILE, 'no connection');
    assert.deepEqual(expressions(), [MORE, HOLD]);
  });

  it('name their attributes by placeholders, as some are reserved words', async () => {
    await brakesOf(REFUSED, streak(10)).failed(FILE, 'no connection');
    const asked = [...updates];
    await brakesOf().succeeded('b1');
    asked.push(...updates);
    assert.equal(asked.length, 4);
    for (const { UpdateExpression = '', ConditionExpression = '', ExpressionAttributeNames } of asked) {
      const said = `${UpdateExpression} ${ConditionExpression}`;
      assert.deepEqual(bareWords(said), [], said);
      const names = new Set(said.match(/#\w+/g));
      assert.deepEqual(names, new Set(Object.keys(ExpressionAttributeNames ?? {})), said);
    }
  });

  it('end the row of a batch', async () => {
    await brakesOf().succeeded('b1');
    assert.deepEqual(expressions(), ['REMOVE #streak']);
    assert.deepEqual(updates[0]?.Key, { pk: 'batch#b1', sk: 'meta' });
  });
});
