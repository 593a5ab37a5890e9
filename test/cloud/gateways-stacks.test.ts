import assert from 'node:assert/strict';
import { LambdaClient, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { poll } from '../../src/app/poll.ts';
import { CloudFormationStackService } from '../../src/aws/stack-service.ts';
import { DynamoTableService } from '../../src/aws/table-service.ts';
import { TEMPLATE_DESCRIPTION } from '../../src/core/stack/stack-contract.ts';
import {
  all,
  deploy,
  fails,
  propose,
  settled,
  startGatewayCloud,
  type GatewayCloud,
} from '../helpers/gateway-cloud.ts';
import { RESULTS_TABLE } from '../helpers/fake-stacks.ts';
import {
  STUBBORN_BASE,
  STUBBORN_OUTPUTS,
  stubbornStep,
  WAIT_BEHIND_FIRST,
} from '../helpers/stubborn-parts.ts';

describe('stack gateway on the emulator', function () {
  this.timeout(120_000);
  let cloud: GatewayCloud;
  let stacks: CloudFormationStackService;

  before(async () => {
    cloud = await startGatewayCloud();
    stacks = new CloudFormationStackService(cloud.root);
  });

  after(() => cloud.stop());

  /** Waits for a condition, for 30 s at most. */
  async function until(holds: () => Promise<boolean>): Promise<void> {
    await poll(async () => (await holds()) || undefined, 50, AbortSignal.timeout(30_000));
  }

  const template = (topics: number) =>
    JSON.stringify({
      Description: TEMPLATE_DESCRIPTION,
      Parameters: { Name: { Type: 'String' }, Secret: { Type: 'String', NoEcho: true, Default: 'hush' } },
      Resources: Object.fromEntries(
        Array.from({ length: topics }, (_, n) => [`Queue${String(n)}`, { Type: 'AWS::SQS::Queue' }]),
      ),
      Outputs: { Name: { Value: { Ref: 'Name' } } },
    });

  it('creates by a change set, lists events newest first, updates, and reports "no changes"', async () => {
    assert.equal(await stacks.describe('s-1'), undefined);
    const created = await deploy(stacks, 's-1', template(1), { parameters: { Name: 'one' } });
    assert.equal(created.status, 'CREATE_COMPLETE', created.reason);
    assert.deepEqual(created.outputs, { Name: 'one' });
    assert.equal(created.parameters['Name'], 'one');
    assert.match(created.parameters['Secret'] ?? '', /^\*+$/);
    assert.ok(Math.abs(Date.now() - (created.changedAt?.getTime() ?? 0)) < 60_000);
    const events = (await all(stacks.events(created.id))).flat();
    assert.equal(events[0]?.status, 'CREATE_COMPLETE');
    assert.ok(events.some(({ logicalId, type }) => logicalId === 'Queue0' && type === 'AWS::SQS::Queue'));
    const changeSet = await propose(stacks, 's-1', template(2), { create: false, previous: ['Name'] });
    assert.equal(changeSet.status, 'CREATE_COMPLETE', changeSet.reason);
    assert.ok(changeSet.changes.some(({ action, logicalId }) => action === 'Add' && logicalId === 'Queue1'));
    await stacks.executeChangeSet('s-1', changeSet.id, 'update-1');
    const updated = await settled(stacks, 's-1');
    assert.deepEqual([updated.status, updated.outputs], ['UPDATE_COMPLETE', { Name: 'one' }]);
    assert.ok(updated.changedAt! >= created.changedAt!);
    const nothing = await propose(stacks, 's-1', template(2), { create: false, previous: ['Name'] });
    assert.equal(nothing.status, 'FAILED');
    assert.match(nothing.reason ?? '', /didn't contain changes|No updates/);
    await stacks.deleteChangeSet('s-1', nothing.id);
  });

  it('tags a stack, keeps its tags where none are given, and takes them away', async () => {
    const parameters = { Name: 'x' };
    const update = { create: false, previous: ['Name'] };
    const tags = { team: 'media', 'cost-center': '42' };
    const created = await deploy(stacks, 'tagged', template(1), { parameters, tags });
    assert.deepEqual(created.tags, tags);
    assert.deepEqual((await deploy(stacks, 'tagged', template(2), update)).tags, tags);
    const changed = await deploy(stacks, 'tagged', template(2), { ...update, tags: { team: 'film' } });
    assert.deepEqual(changed.tags, { team: 'film' });
    assert.deepEqual((await deploy(stacks, 'tagged', template(2), { ...update, tags: {} })).tags, {});
  });

  it('tells a failing stack by its events', async () => {
    const broken = JSON.stringify({
      Resources: {
        Handle: { Type: 'AWS::CloudFormation::WaitConditionHandle' },
        Bad: {
          Type: 'AWS::CloudFormation::WaitCondition',
          Properties: { Handle: { Ref: 'Handle' }, Timeout: '1' },
        },
      },
    });
    const stack = await deploy(stacks, 's-2', broken);
    assert.equal(stack.status, 'ROLLBACK_COMPLETE', stack.reason);
    const events = (await all(stacks.events(stack.id))).flat();
    const failure = events.find(({ logicalId, status }) => logicalId === 'Bad' && status === 'CREATE_FAILED');
    assert.match(failure?.reason ?? '', /WaitCondition/);
    assert.equal(failure?.token, 'deploy-1');
  });

  it('lists the stacks of our template that are there, by name', async () => {
    const parameters = { Name: 'x' };
    const foreign = { Description: 'Not ours', Resources: { Queue: { Type: 'AWS::SQS::Queue' } } };
    await deploy(stacks, 'l-foreign', JSON.stringify(foreign));
    await deploy(stacks, 'l-silent', JSON.stringify({ Resources: foreign.Resources }));
    for (const name of ['l-b', 'l-gone', 'l-a']) await deploy(stacks, name, template(1), { parameters });
    await stacks.deleteStack('l-gone');
    await until(async () => (await stacks.describe('l-gone')) === undefined);
    const listed = (await stacks.list()).filter(({ name }) => name.startsWith('l-'));
    assert.deepEqual(listed, [
      { name: 'l-a', status: 'CREATE_COMPLETE' },
      { name: 'l-b', status: 'CREATE_COMPLETE' },
    ]);
  });

  describe('that wait in the middle of an update', () => {
    const Outputs = STUBBORN_OUTPUTS;

    /** Makes a stack, and updates it so that it waits for a signal behind `First`. @returns its outputs */
    async function stop(
      stackName: string,
      [before, First]: readonly [object, object],
    ): Promise<Readonly<Record<string, string>>> {
      const first = JSON.stringify({ Resources: { ...STUBBORN_BASE, First: before }, Outputs });
      const { outputs } = await deploy(stacks, stackName, first);
      const Last = { Type: 'AWS::SQS::Queue', DependsOn: 'Wait' };
      const Resources = { ...STUBBORN_BASE, First, Wait: WAIT_BEHIND_FIRST, Last };
      const update = await propose(stacks, stackName, JSON.stringify({ Resources, Outputs }), {
        create: false,
      });
      await stacks.executeChangeSet(stackName, update.id, 'update-1');
      await until(async () => {
        const [page = []] = await all(stacks.events(stackName));
        return page.some(({ logicalId }) => logicalId === 'Wait');
      });
      return outputs;
    }

    async function signal(handle: string | undefined, Status: 'SUCCESS' | 'FAILURE'): Promise<void> {
      // Bytes, as a text would get a content type, which the signal's address refuses.
      const body = Buffer.from(JSON.stringify({ Status, Reason: 'test', UniqueId: '1', Data: '' }));
      const answer = await fetch(handle!, { method: 'PUT', body });
      assert.equal(answer.status, 200, await answer.text());
    }

    it('roll back when they are told to', async () => {
      const queue = (seconds: number) => ({
        Type: 'AWS::SQS::Queue',
        Properties: { VisibilityTimeout: seconds },
      });
      const outputs = await stop('s-cancel', [queue(10), queue(20)]);
      await stacks.cancelUpdate('s-cancel');
      await signal(outputs['Handle'], 'SUCCESS');
      assert.equal((await settled(stacks, 's-cancel')).status, 'UPDATE_ROLLBACK_COMPLETE');
      await fails(stacks.cancelUpdate('s-cancel'), 'conflict', /[Ss]tack "s-cancel"/);
      await fails(stacks.cancelUpdate('gone'), 'not-found', /no stack "gone"/);
    });

    it('continue a rollback that had failed', async () => {
      const outputs = await stop('s-stuck', [stubbornStep('1'), stubbornStep('2')]);
      await signal(outputs['Handle'], 'FAILURE');
      assert.equal((await settled(stacks, 's-stuck')).status, 'UPDATE_ROLLBACK_FAILED');
      const lambda = new LambdaClient(cloud.access);
      const fixed = { FunctionName: outputs['Stubborn'], Environment: { Variables: { FIXED: 'yes' } } };
      await lambda.send(new UpdateFunctionConfigurationCommand(fixed));
      lambda.destroy();
      await stacks.continueRollback('s-stuck', 'continue-1');
      await until(async () => (await stacks.describe('s-stuck'))?.status === 'UPDATE_ROLLBACK_COMPLETE');
      const [newest] = (await all(stacks.events('s-stuck'))).flat();
      assert.equal(newest?.token, 'continue-1');
      await fails(stacks.continueRollback('s-stuck', 'continue-2'), 'conflict', /[Ss]tack "s-stuck"/);
      await fails(stacks.continueRollback('gone', 'continue-3'), 'not-found', /no stack "gone"/);
    });
  });

  it('finds no owner where CloudFormation knows of none', async () => {
    assert.equal(await stacks.ownerOf('media-batch-ResultsTable-GONE'), undefined);
  });

  it('reads how a table is keyed, and its index', async () => {
    const tables = new DynamoTableService(cloud.root);
    assert.equal(await tables.describe('media-batch-none'), undefined);
    const attribute = (AttributeName: string) => ({ AttributeName, AttributeType: 'S' });
    const keys = (hash: string, range: string) => [
      { AttributeName: hash, KeyType: 'HASH' },
      { AttributeName: range, KeyType: 'RANGE' },
    ];
    const Properties = {
      TableName: 'media-batch-kept',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['pk', 'sk', 'gsi1pk', 'gsi1sk'].map(attribute),
      KeySchema: keys('pk', 'sk'),
      GlobalSecondaryIndexes: [
        { IndexName: 'gsi1', KeySchema: keys('gsi1pk', 'gsi1sk'), Projection: { ProjectionType: 'ALL' } },
      ],
    };
    const Resources = { Table: { Type: 'AWS::DynamoDB::Table', Properties } };
    await deploy(stacks, 't-table', JSON.stringify({ Resources }));
    // The emulator does not say how an index is.
    const indexes = RESULTS_TABLE.indexes.map((index) => ({ ...index, status: undefined }));
    assert.deepEqual(await tables.describe('media-batch-kept'), { ...RESULTS_TABLE, indexes });
  });

  it('names a stack and a change set that do not exist', async () => {
    await fails(all(stacks.events('gone')), 'not-found', /stack "gone"/);
    await fails(stacks.describeChangeSet('s-none', 'nothing'), 'not-found', /change set of stack "s-none"/);
  });
});
