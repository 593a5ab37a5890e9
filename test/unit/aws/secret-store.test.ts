import assert from 'node:assert/strict';
import { AwsSecretStore } from '../../../src/aws/secret-store.ts';
import { AwsError } from '../../../src/core/errors.ts';
import { scriptedClients } from '../../helpers/scripted-clients.ts';

const ARN = 'arn:aws:secretsmanager:us-east-2:111122223333:secret:MediaBatchSigningSecret-abcdef';

describe('the secret store', () => {
  const storeWith = (answers: Readonly<Record<string, object>>) => {
    const { clients, requests } = scriptedClients(({ operation }) => {
      const answer = answers[operation];
      if (answer instanceof Error) throw answer;
      return answer ?? {};
    });
    return { store: new AwsSecretStore(clients), requests };
  };
  const failure = (name: string, message = name) => Object.assign(new Error(message), { name });

  it('tells a secret that has only its first value by its versions', async () => {
    for (const [stages, isReplaced] of [
      [{ v1: ['AWSCURRENT'] }, false],
      [{ v1: ['AWSCURRENT', 'AWSPENDING'] }, false],
      [{ v1: ['AWSPREVIOUS'], v2: ['AWSCURRENT'] }, true],
      [undefined, false],
    ] as const) {
      const { store, requests } = storeWith({ DescribeSecret: { VersionIdsToStages: stages } });
      assert.equal(await store.isReplaced(ARN), isReplaced);
      assert.deepEqual(requests, [
        { operation: 'DescribeSecret', region: 'us-east-2', input: { SecretId: ARN } },
      ]);
    }
  });

  it('makes a value the current one only in place of the version that was read, in the region of the secret', async () => {
    const { store, requests } = storeWith({ PutSecretValue: { VersionId: 'v2' } });
    assert.equal(await store.replace(ARN, 'v1', 'new'), true);
    assert.deepEqual(requests, [
      {
        operation: 'PutSecretValue',
        region: 'us-east-2',
        input: { SecretId: ARN, SecretString: 'new', VersionStages: ['MediaBatchNext'] },
      },
      {
        operation: 'UpdateSecretVersionStage',
        region: 'us-east-2',
        input: {
          SecretId: ARN,
          VersionStage: 'AWSCURRENT',
          MoveToVersionId: 'v2',
          RemoveFromVersionId: 'v1',
        },
      },
    ]);
  });

  it('tells a version that is not current any more from every other failure', async () => {
    const moved = { UpdateSecretVersionStage: failure('InvalidParameterException') };
    assert.equal(await storeWith(moved).store.replace(ARN, 'v1', 'new'), false);
    for (const [name, code] of [
      ['AccessDeniedException', 'missing-permission'],
      ['ThrottlingException', 'throttled'],
      ['ResourceNotFoundException', 'not-found'],
    ] as const) {
      for (const operation of ['PutSecretValue', 'UpdateSecretVersionStage']) {
        const { store } = storeWith({ [operation]: failure(name) });
        await assert.rejects(store.replace(ARN, 'v1', 'new'), { code });
      }
    }
    const { store } = storeWith({ PutSecretValue: failure('InvalidParameterException') });
    await assert.rejects(store.replace(ARN, 'v1', 'new'), AwsError);
  });

  it('repeats no value, not even where AWS does', async () => {
    const { store } = storeWith({
      PutSecretValue: failure('ValidationException', "Value 'hush hush' is bad"),
    });
    await assert.rejects(store.replace(ARN, 'v1', 'hush hush'), (error: AwsError) => {
      assert.doesNotMatch(JSON.stringify([error.message, error.cause, error.stack]), /hush hush/);
      return true;
    });
  });

  it('reads a binary secret as an empty text', async () => {
    const { store } = storeWith({ GetSecretValue: { SecretBinary: new Uint8Array(3), VersionId: 'v1' } });
    assert.deepEqual(await store.read(ARN), { value: '', version: 'v1' });
  });
});
