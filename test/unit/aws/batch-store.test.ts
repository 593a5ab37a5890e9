import assert from 'node:assert/strict';
import { DynamoBatchStore } from '../../../src/aws/batch-store.ts';
import { bareWords } from '../../helpers/bare-words.ts';
import { scriptedClients } from '../../helpers/scripted-clients.ts';

const AT = '2026-11-26T10:00:00.000Z';

describe('what stops a batch, in the results table', () => {
  const { clients, requests } = scriptedClients(() => ({}));
  const store = new DynamoBatchStore(clients);

  it('changes its meta only, by placeholders for each attribute', async () => {
    await store.cancel('results', 'b1', { at: AT, by: 'operator' });
    await store.hold('results', 'b1', { reason: 'r', cause: 'c', at: AT, by: 'operator' });
    await store.endHold('results', 'b1', 'c');
    await store.endHold('results', 'b1', undefined);
    assert.equal(requests.length, 4);
    for (const { operation, input } of requests) {
      const said = String(input['UpdateExpression']);
      assert.equal(operation, 'UpdateItem');
      assert.deepEqual(input['Key'], { pk: { S: 'batch#b1' }, sk: { S: 'meta' } });
      assert.deepEqual(bareWords(said), [], said);
      const { ExpressionAttributeNames: names = {}, ExpressionAttributeValues: values = {} } = input;
      assert.deepEqual(new Set(said.match(/#\w+/g)), new Set(Object.keys(names as object)));
      assert.deepEqual(new Set(said.match(/:\w+/g) ?? []), new Set(Object.keys(values as object)));
    }
  });

  it('says in AWS’s words why it could not', async () => {
    const denied = Object.assign(new Error('not authorized'), { name: 'AccessDeniedException' });
    const refusing = new DynamoBatchStore(scriptedClients(() => Promise.reject(denied)).clients);
    const cancel = refusing.cancel('results', 'b1', { at: AT, by: 'operator' });
    await assert.rejects(cancel, { code: 'missing-permission', operation: 'dynamodb:UpdateItem' });
  });
});
