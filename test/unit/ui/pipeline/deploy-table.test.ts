import assert from 'node:assert/strict';
import { allCommands } from '../../../../src/ui/all-commands.ts';
import { registerCommand } from '../../../../src/ui/base/register-command.ts';
import { KeptTables } from '../../../../src/ui/connection/kept-tables.ts';
import { askDeployForm } from '../../../../src/ui/pipeline/deploy-inputs.ts';
import { deletePipelineCommand } from '../../../../src/ui/pipeline/delete-pipeline.ts';
import { deployPipelineCommand } from '../../../../src/ui/pipeline/deploy-pipeline.ts';
import { FakeStacks, FakeTables, RESULTS_TABLE, stackOf } from '../../../helpers/fake-stacks.ts';
import { fastTimers, type FastTimers } from '../../../helpers/fast-timers.ts';
import { answering, enter } from '../../../helpers/ui/press-enter.ts';
import { fixture, type Fixture } from '../../../helpers/ui/ui-fixture.ts';
import { awsError } from '../../../helpers/fakes.ts';
import type { Answer } from '../../../helpers/ui/vscode-stub.ts';
import { BACK_BUTTON } from '../../../helpers/ui/vscode-stub-inputs.ts';

const TABLE = 'media-batch-ResultsTable-1ABC';
const OTHER = 'media-batch-ResultsTable-2DEF';
const GO_ON = `Go on with the results of the deleted stack: ${TABLE}`;

interface Made extends Fixture {
  readonly stacks: FakeStacks;
  readonly tables: FakeTables;
}

function make(answer: Answer): Made {
  const [stacks, tables] = [new FakeStacks(), new FakeTables()];
  for (const table of [TABLE, OTHER]) tables.tables.set(table, RESULTS_TABLE);
  return { ...fixture(answer, { services: { stacks, tables } }), stacks, tables };
}

/** Remembers a table as "Delete Pipeline…" does. */
async function note({ ui, connection }: Made, table = TABLE): Promise<void> {
  const { account, region, endpoint } = connection.session;
  const stack = { stackName: 'media-batch', connectionId: 'conn_1' };
  await new KeptTables(ui.memory.global).note({ table, ...stack, account, region, endpoint });
}

const ask = ({ ui, connection }: Made) => askDeployForm(ui, connection.session);
const steps = ({ stub }: Made) => stub.shown.map(({ step, totalSteps }) => `${step}/${totalSteps}`);

describe('the table of a new stack', () => {
  it('is that of the deleted stack with Enter alone, with its Ittybit connection', async () => {
    const made = make(enter);
    await note(made);
    const form = await ask(made);
    assert.deepEqual(form.chosen, { ExistingResultsTable: TABLE, ConnectionId: 'conn_1' });
    const question = made.stub.shown.find(({ step }) => step === 2);
    assert.deepEqual(question?.choices, [GO_ON, 'Start with an Empty Table', 'Another Table…']);
    assert.match(question.detail ?? '', /^Go on with the results of a deleted stack\? Account 111122223333/);
    assert.match(question.items?.[0]?.detail ?? '', /^Nothing that it holds is paid again\./);
    assert.deepEqual(steps(made).at(-1), '7/7');
    assert.deepEqual(made.stub.shown.find(({ step }) => step === 3)?.choices, ['conn_1']);
  });

  it('can be a new one, or another one by its name', async () => {
    const empty = make(answering({ 2: ['Start with an Empty Table'] }));
    await note(empty);
    assert.deepEqual((await ask(empty)).chosen, {});
    const other = make(answering({ 2: ['Another Table…', BACK_BUTTON, 'Another Table…', 'a/b', OTHER] }));
    await note(other);
    assert.deepEqual((await ask(other)).chosen, { ExistingResultsTable: OTHER });
  });

  it('can be chosen anew after Back', async () => {
    const made = make(answering({ 2: [GO_ON, 'Start with an Empty Table'], 3: [BACK_BUTTON] }));
    await note(made);
    assert.deepEqual((await ask(made)).chosen, {});
  });

  it('is not asked for where none is remembered, is free, or is there', async () => {
    const none = make(enter);
    const taken = make(enter);
    await note(taken);
    taken.stacks.others.set(
      'second',
      stackOf('CREATE_COMPLETE', { id: 'b', outputs: { ResultsTableName: TABLE } }),
    );
    const gone = make(enter);
    await note(gone);
    gone.tables.tables.clear();
    for (const made of [none, taken, gone]) {
      assert.deepEqual((await ask(made)).chosen, {});
      assert.equal(steps(made).at(-1), '6/6');
    }
  });

  it('is offered where AWS does not tell now', async () => {
    const made = make(enter);
    await note(made);
    made.tables.describe = () => Promise.reject(awsError('missing-permission'));
    assert.equal((await ask(made)).chosen.ExistingResultsTable, TABLE);
  });

  it('stays for a stack that exists: neither the step nor the setting is there', async () => {
    const made = make(enter);
    await note(made);
    made.stacks.stack = stackOf('UPDATE_COMPLETE');
    assert.deepEqual((await ask(made)).chosen, {});
    assert.equal(steps(made).at(-1), '6/6');
    const labels = made.stub.shown.at(-1)?.items?.map(({ label }) => label) ?? [];
    assert.ok(labels.includes('$(edit) Attempts') && !labels.includes('$(edit) Results table'));
  });

  it('can be typed among the other settings, as on a new machine', async () => {
    const made = make(answering({ 6: ['$(edit) Results table', TABLE] }));
    assert.deepEqual((await ask(made)).chosen, { ExistingResultsTable: TABLE });
    const rows = made.stub.shown.flatMap(({ items = [] }) => items);
    const settings = rows.filter(({ label }) => label === '$(edit) Results table');
    assert.deepEqual(
      settings.map(({ description }) => description),
      ['a new one', `${TABLE} (was a new one)`],
    );
  });
});

describe('a pipeline that is deleted and deployed again', () => {
  let timers: FastTimers;
  beforeEach(() => {
    timers = fastTimers();
  });
  afterEach(() => {
    timers.restore();
  });

  const outputs = { ...stackOf('').outputs, ResultsTableName: TABLE };
  const living = stackOf('CREATE_COMPLETE', { outputs, parameters: { ConnectionId: 'conn_1' } });
  const run = async (made: Made, id: 'mediaBatch.deletePipeline' | 'mediaBatch.deployPipeline') => {
    const command = id.endsWith('deletePipeline') ? deletePipelineCommand : deployPipelineCommand;
    registerCommand(made.ui, id, () => command(made.ui));
    await made.ui.vs.commands.executeCommand(id);
  };
  const tablesOf = ({ ui, connection }: Made) =>
    new KeptTables(ui.memory.global).at(connection.session).map((kept) => [kept.table, kept.connectionId]);
  const deleting: Answer = ({ kind, choices }) => (kind === 'input' ? 'media-batch' : choices[0]);

  it('remembers the table that stays, and nothing after Escape', async () => {
    const made = make(deleting);
    made.stacks.stack = living;
    await run(made, 'mediaBatch.deletePipeline');
    assert.deepEqual(tablesOf(made), [[TABLE, 'conn_1']]);
    const escaped = make(() => undefined);
    escaped.stacks.stack = living;
    await run(escaped, 'mediaBatch.deletePipeline');
    assert.deepEqual(tablesOf(escaped), []);
  });

  it('remembers it also where the deletion is only watched', async () => {
    const made = make(deleting);
    made.stacks.stack = { ...living, status: 'DELETE_IN_PROGRESS' };
    let looks = 0;
    made.stacks.onDescribe = () => {
      looks += 1;
      if (looks > 3) made.stacks.stack = undefined;
    };
    await run(made, 'mediaBatch.deletePipeline');
    assert.deepEqual(tablesOf(made), [[TABLE, 'conn_1']]);
    assert.match(made.stub.shown.at(-1)?.text ?? '', new RegExp(`stay in the DynamoDB table ${TABLE}`));
  });

  it('goes on with it, and offers to send again what the old one left, also after the key', async () => {
    for (const press of [['Send Dead Files Again…'], ['Set Ittybit API Key…', 'Send Dead Files Again…']]) {
      const pressing = ['Deploy', ...press];
      const made = make((shown) =>
        shown.step === undefined ? shown.choices.find((choice) => pressing.includes(choice)) : enter(shown),
      );
      await note(made);
      await run(made, 'mediaBatch.deployPipeline');
      assert.equal(made.stacks.requests[0]?.parameters['ExistingResultsTable'], TABLE);
      const told = made.stub.shown.find(({ text }) => text.includes('is deployed'));
      assert.match(told?.text ?? '', new RegExp(`goes on with the results in ${TABLE}\\.`));
      assert.deepEqual(told?.choices, ['Set Ittybit API Key…', 'Send Dead Files Again…']);
      const executed = made.stub.executed
        .map(({ id }) => id)
        .filter((id) => /setApiKey|resendFiles/.test(id));
      assert.deepEqual(executed, [
        ...(press.length > 1 ? ['mediaBatch.setApiKey'] : []),
        'mediaBatch.resendFiles',
      ]);
      assert.ok('mediaBatch.resendFiles' in allCommands(made.ui, {} as never));
    }
  });

  it('says which stack has the table that was typed, and makes nothing', async () => {
    const answers = answering({ 6: ['$(edit) Results table', TABLE] });
    const made = make((shown) => (shown.step === undefined ? 'Deploy' : answers(shown)));
    made.stacks.others.set('second', stackOf('CREATE_COMPLETE', { id: 'b', outputs }));
    await run(made, 'mediaBatch.deployPipeline');
    const error = made.stub.shown.find(({ kind }) => kind === 'error');
    assert.match(error?.text ?? '', /belongs to the stack "second".*or delete it first/);
    assert.deepEqual(made.stacks.requests, []);
  });
});
