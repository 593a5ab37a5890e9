import assert from 'node:assert/strict';
import { CloudFormationStackService } from '../../../src/aws/stack-service.ts';
import { scriptedClients } from '../../helpers/scripted-clients.ts';

const TABLE = 'media-batch-ResultsTable-1ABC';
const ID = 'arn:aws:cloudformation:eu-west-1:111122223333:stack/media-batch/1';

describe('the owner of a resource', () => {
  const asked = (answer: object) => {
    const { clients, requests } = scriptedClients(() => {
      if (answer instanceof Error) throw answer;
      return answer;
    });
    return { owner: new CloudFormationStackService(clients).ownerOf(TABLE), requests };
  };
  const failure = (name: string, message: string) => Object.assign(new Error(message), { name });

  it('is asked for by the physical id', async () => {
    const StackResources = [
      { StackName: 'media-batch', StackId: ID, LogicalResourceId: 'DeadLetterQueue' },
      { StackName: 'media-batch', StackId: ID, LogicalResourceId: 'ResultsTable' },
    ];
    const { owner, requests } = asked({ StackResources });
    assert.deepEqual(await owner, { name: 'media-batch', id: ID });
    assert.deepEqual(
      requests.map(({ operation, input }) => [operation, input]),
      [['DescribeStackResources', { PhysicalResourceId: TABLE }]],
    );
  });

  it('is nobody where CloudFormation says so, and unknown after any other failure', async () => {
    const none = failure('ValidationError', `Stack for ${TABLE} does not exist`);
    assert.equal(await asked(none).owner, undefined);
    const denied = failure(
      'AccessDenied',
      'not authorized to perform: cloudformation:DescribeStackResources',
    );
    await assert.rejects(asked(denied).owner, { code: 'missing-permission' });
  });
});
