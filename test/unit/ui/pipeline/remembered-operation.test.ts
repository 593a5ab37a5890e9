import assert from 'node:assert/strict';
import {
  isOfSession,
  rememberedOperation,
  rememberOperation,
} from '../../../../src/ui/pipeline/remembered-operation.ts';
import { watchStackOperation } from '../../../../src/ui/pipeline/stack-operation.ts';
import { fixture } from '../../../helpers/ui/ui-fixture.ts';

const KEY = 'mediaBatch.stackOperation';

function remembering() {
  const { ui, connection } = fixture();
  const { session } = connection;
  const target = { stackName: 'media-batch', stackId: 'arn:stack/1', kind: 'delete' } as const;
  rememberOperation(ui, session, watchStackOperation(session, target));
  return { ui, session };
}

describe('the operation in the memory', () => {
  it('comes back with the place of its stack', () => {
    const { ui, session } = remembering();
    const operation = rememberedOperation(ui);
    assert.ok(operation);
    assert.deepEqual(
      [operation.kind, operation.phase, operation.stackId],
      ['delete', 'begun', 'arn:stack/1'],
    );
    assert.ok(isOfSession(operation, session));
    for (const change of [
      { account: '444455556666' },
      { region: 'eu-south-1' },
      { endpoint: 'http://localhost:4566' },
      { stackName: 'another' },
    ])
      assert.equal(isOfSession(operation, { ...session, ...change }), false, JSON.stringify(change));
  });

  it('is none where one of its parts has another shape', async () => {
    const { ui } = remembering();
    const whole = rememberedOperation(ui);
    for (const change of [
      { kind: 'format' },
      { kind: 'toString' },
      { kind: undefined },
      { phase: 'over' },
      { phase: undefined },
      { stackName: ['media-batch'] },
      { startedAt: 'yesterday' },
      { stackId: { arn: 1 } },
      { resultsTable: 5 },
    ]) {
      await ui.memory.workspace.update(KEY, { ...whole, ...change });
      assert.equal(rememberedOperation(ui), undefined, JSON.stringify(change));
    }
    for (const stored of [null, 'text', 7, []]) {
      await ui.memory.workspace.update(KEY, stored);
      assert.equal(rememberedOperation(ui), undefined, JSON.stringify(stored));
    }
  });
});
