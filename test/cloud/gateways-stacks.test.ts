import assert from 'node:assert/strict';
import { CloudFormationStackService } from '../../src/aws/stack-service.ts';
import {
  all,
  deploy,
  fails,
  propose,
  settled,
  startGatewayCloud,
  type GatewayCloud,
} from '../helpers/gateway-cloud.ts';

describe('stack gateway on the emulator', function () {
  this.timeout(120_000);
  let cloud: GatewayCloud;
  let stacks: CloudFormationStackService;

  before(async () => {
    cloud = await startGatewayCloud();
    stacks = new CloudFormationStackService(cloud.root);
  });

  after(() => cloud.stop());

  const template = (topics: number) =>
    JSON.stringify({
      Parameters: { Name: { Type: 'String' } },
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
    assert.deepEqual(created.parameters, ['Name']);
    const events = (await all(stacks.events(created.id))).flat();
    assert.equal(events[0]?.status, 'CREATE_COMPLETE');
    assert.ok(events.some(({ logicalId, type }) => logicalId === 'Queue0' && type === 'AWS::SQS::Queue'));
    const changeSet = await propose(stacks, 's-1', template(2), { create: false, previous: ['Name'] });
    assert.equal(changeSet.status, 'CREATE_COMPLETE', changeSet.reason);
    assert.ok(changeSet.changes.some(({ action, logicalId }) => action === 'Add' && logicalId === 'Queue1'));
    await stacks.executeChangeSet('s-1', changeSet.id, 'update-1');
    const updated = await settled(stacks, 's-1');
    assert.deepEqual([updated.status, updated.outputs], ['UPDATE_COMPLETE', { Name: 'one' }]);
    const nothing = await propose(stacks, 's-1', template(2), { create: false, previous: ['Name'] });
    assert.equal(nothing.status, 'FAILED');
    assert.match(nothing.reason ?? '', /didn't contain changes|No updates/);
    await stacks.deleteChangeSet('s-1', nothing.id);
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

  it('names a stack and a change set that do not exist', async () => {
    await fails(all(stacks.events('gone')), 'not-found', /stack "gone"/);
    await fails(stacks.describeChangeSet('s-none', 'nothing'), 'not-found', /change set of stack "s-none"/);
  });
});
