import assert from 'node:assert/strict';
import { deployPipeline } from '../../../../src/app/stack/deploy-pipeline.ts';
import { DeployError, InvalidInputError } from '../../../../src/core/errors.ts';
import type { Table } from '../../../../src/core/stack/table-service.ts';
import {
  FakeStacks,
  FakeTables,
  OUTPUT_VALUES,
  RESULTS_TABLE,
  stackOf,
} from '../../../helpers/fake-stacks.ts';
import { FakeQueues } from '../../../helpers/fakes.ts';
import { FakeControl } from '../../../helpers/fake-control.ts';

const TABLE = 'media-batch-ResultsTable-1ABC';
const GONE = { name: 'media-batch', id: 'arn:stack/gone' };

describe('a deploy over the table of a deleted stack', () => {
  let stacks: FakeStacks;
  let tables: FakeTables;
  const deploy = (parameters: object = { ExistingResultsTable: TABLE }, review?: () => Promise<boolean>) =>
    deployPipeline(
      { stackName: 'media-batch', templateBody: '{}', parameters },
      { stacks, tables, dispatch: new FakeControl(), queues: new FakeQueues() },
      { everyMs: 0, ...(review && { review }) },
    );
  const inUse = (owner: string, words: RegExp) => (error: unknown) =>
    error instanceof DeployError &&
    error.code === 'table-in-use' &&
    error.stackName === owner &&
    words.test(error.message);
  const unusable = (words: RegExp) => (error: unknown) =>
    error instanceof InvalidInputError && error.field === 'ExistingResultsTable' && words.test(error.message);

  beforeEach(() => {
    stacks = new FakeStacks();
    tables = new FakeTables();
    tables.tables.set(TABLE, RESULTS_TABLE);
  });

  it('creates the stack with the table, where nobody has it', async () => {
    assert.equal((await deploy()).outcome, 'created');
    assert.deepEqual(stacks.requests[0]?.parameters, { ExistingResultsTable: TABLE });
  });

  it('is no concern of a deploy without one', async () => {
    tables.describe = () => Promise.reject(new Error('asked'));
    for (const parameters of [{}, { ExistingResultsTable: '' }]) {
      stacks = new FakeStacks();
      assert.equal((await deploy(parameters)).outcome, 'created');
    }
  });

  it('goes on where CloudFormation still names the deleted stack', async () => {
    stacks.owners.set(TABLE, GONE);
    stacks.others.set(GONE.id, stackOf('DELETE_COMPLETE', { id: GONE.id }));
    assert.equal((await deploy()).outcome, 'created');
  });

  it('is refused while the stack that made the table lives, before anything is made', async () => {
    stacks.owners.set(TABLE, { name: 'archive', id: 'arn:stack/2' });
    for (const status of ['CREATE_COMPLETE', 'UPDATE_ROLLBACK_FAILED', 'DELETE_FAILED']) {
      stacks.others.set('archive', stackOf(status, { id: 'arn:stack/2', outputs: {} }));
      await assert.rejects(deploy(), inUse('archive', /belongs to the stack "archive".*or delete it first/));
    }
    stacks.others.set('archive', stackOf('DELETE_IN_PROGRESS', { id: 'arn:stack/2' }));
    await assert.rejects(deploy(), inUse('archive', /is being deleted: deploy again when it is gone/));
    assert.deepEqual(stacks.calls, []);
  });

  it('is refused while another stack has taken the table over', async () => {
    const others = [
      stackOf('CREATE_COMPLETE', { id: 'b', outputs: { ...OUTPUT_VALUES, ResultsTableName: TABLE } }),
      stackOf('CREATE_IN_PROGRESS', { id: 'b', outputs: {}, parameters: { ExistingResultsTable: TABLE } }),
    ];
    for (const other of others) {
      stacks.others.set('a', stackOf('CREATE_COMPLETE', { id: 'a' })).set('second', other);
      await assert.rejects(deploy(), inUse('second', /belongs to the stack "second"/));
    }
    assert.deepEqual(stacks.calls, []);
  });

  it('is not refused for a stack that was never made', async () => {
    const parameters = { ExistingResultsTable: TABLE };
    for (const status of ['REVIEW_IN_PROGRESS', 'ROLLBACK_COMPLETE']) {
      stacks = new FakeStacks();
      stacks.others.set('second', stackOf(status, { id: 'b', outputs: {}, parameters }));
      assert.equal((await deploy()).outcome, 'created');
    }
  });

  it('is refused when another window has taken the table while the change set was read', async () => {
    const review = async () => {
      stacks.others.set(
        'second',
        stackOf('CREATE_IN_PROGRESS', { id: 'b', parameters: { ExistingResultsTable: TABLE } }),
      );
      return true;
    };
    await assert.rejects(deploy(undefined, review), inUse('second', /"second"/));
    assert.deepEqual(stacks.calls, ['createChangeSet', 'deleteChangeSet', 'deleteStack']);
  });

  it('takes only a results table that is there and ready', async () => {
    const [index] = RESULTS_TABLE.indexes;
    const cases: [Table | undefined, RegExp][] = [
      [undefined, /does not exist here: check its name, the region and the profile/],
      [{ ...RESULTS_TABLE, keys: ['id'] }, /is no results table of Media Batch/],
      [{ ...RESULTS_TABLE, indexes: [] }, /is no results table/],
      [{ ...RESULTS_TABLE, indexes: [{ ...index!, keys: ['sk', 'pk'] }] }, /is no results table/],
      [{ ...RESULTS_TABLE, status: 'UPDATING' }, /is not ready \(UPDATING\): deploy again/],
      [{ ...RESULTS_TABLE, indexes: [{ ...index!, status: 'CREATING' }] }, /is not ready \(CREATING\)/],
    ];
    for (const [table, words] of cases) {
      if (table) tables.tables.set(TABLE, table);
      else tables.tables.clear();
      await assert.rejects(deploy(), unusable(words));
    }
    assert.deepEqual(stacks.calls, []);
  });

  it('cannot give a stack that exists another table', async () => {
    stacks.stack = stackOf('UPDATE_COMPLETE');
    await assert.rejects(deploy(), unusable(/A stack keeps its results table/));
    assert.deepEqual(stacks.calls, []);
    stacks.stack = stackOf('UPDATE_COMPLETE', { parameters: { ExistingResultsTable: TABLE } });
    await assert.rejects(deploy({ ExistingResultsTable: '' }), unusable(/keeps its results table/));
    stacks.after = [{ status: 'UPDATE_COMPLETE' }];
    assert.equal((await deploy()).outcome, 'updated');
  });
});
