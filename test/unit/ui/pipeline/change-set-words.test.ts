import assert from 'node:assert/strict';
import { DATA_RESOURCES } from '../../../../src/core/stack/stack-contract.ts';
import type { ResourceChange } from '../../../../src/core/stack/stack-service.ts';
import { changeWords } from '../../../../src/ui/pipeline/change-set-words.ts';
import { stubVscode } from '../../../helpers/ui/vscode-stub.ts';

const { vs } = stubVscode();

function change(
  action: ResourceChange['action'],
  logicalId: string,
  type = 'AWS::SQS::Queue',
  replacement?: ResourceChange['replacement'],
): ResourceChange {
  return { action, logicalId, type, replacement };
}

describe('the words for a change set', () => {
  it('sort each kind of change into its group, the most dangerous first', () => {
    const lambda = 'AWS::Lambda::Function';
    const { summary, groups } = changeWords(vs, [
      change('Add', 'New', lambda),
      change('Modify', 'Same', lambda, 'False'),
      change('Modify', 'Maybe', lambda, 'Conditional'),
      change('Dynamic', 'Late', lambda),
      change('Import', 'Taken', lambda),
      change('Remove', 'Gone', lambda),
      change('Modify', 'Other', lambda, 'True'),
    ]);
    assert.equal(summary, 'Resources: 2 to add, 4 to change, 1 to remove');
    assert.deepEqual(groups, [
      {
        title: 'Replaced, or may be replaced',
        lines: [`Maybe (${lambda}): AWS does not know yet whether it is replaced`, `Other (${lambda})`],
      },
      { title: 'Removed', lines: [`Gone (${lambda})`] },
      { title: 'Changed in place', lines: [`Same (${lambda})`, `Late (${lambda})`] },
      { title: 'Added', lines: [`New (${lambda})`, `Taken (${lambda}): imported into the stack`] },
    ]);
  });

  it('say for each resource with data what is lost, whether it is removed or may be replaced', () => {
    const lost = (of: (logicalId: string, type: string) => ResourceChange) =>
      changeWords(
        vs,
        DATA_RESOURCES.map(({ logicalId, type }) => of(logicalId, type)),
      ).atRisk.map((line) => line.replace(/^(\w+) \([\w:]+\)/, '$1'));
    const expected = [
      'ResultsTable: the table stays in your account, but the pipeline no longer shows its results',
      'WorkQueue: the files that wait in it',
      'DeadLetterQueue: the dead letters',
      'MediaBatchApiKey: the Ittybit API key',
      'MediaBatchSigningSecret: the secret behind the webhook addresses; callbacks of jobs under way are refused',
      'ConsumerLogs: the logs',
      'WebhookLogs: the logs',
      'ReconcilerLogs: the logs',
      'HttpApiLogs: the logs',
    ];
    assert.deepEqual(
      lost((id, type) => change('Remove', id, type)),
      expected,
    );
    for (const replacement of ['True', 'Conditional'] as const)
      assert.deepEqual(
        lost((id, type) => change('Modify', id, type, replacement)),
        expected,
      );
    assert.deepEqual(
      lost((id, type) => change('Modify', id, type, 'False')),
      [],
    );
    assert.deepEqual(
      lost((id, type) => change('Add', id, type)),
      [],
    );
  });

  it("count the data of the user's own resources too", () => {
    const { atRisk } = changeWords(vs, [
      change('Remove', 'Mine', 'AWS::S3::Bucket'),
      change('Remove', 'Code', 'AWS::Lambda::Function'),
    ]);
    assert.deepEqual(atRisk, ['Mine (AWS::S3::Bucket): the data in it']);
  });

  it('name roles that are made or changed, not those that are removed', () => {
    const role = 'AWS::IAM::Role';
    assert.equal(changeWords(vs, [change('Add', 'R', role)]).changesRoles, true);
    assert.equal(changeWords(vs, [change('Modify', 'R', role, 'False')]).changesRoles, true);
    assert.equal(changeWords(vs, [change('Remove', 'R', role), change('Add', 'F')]).changesRoles, false);
  });

  it('show every character of a name', () => {
    const { groups, atRisk } = changeWords(vs, [change('Remove', 'A\u202E\nB', 'AWS::S3::Bucket')]);
    assert.deepEqual(groups[0]?.lines, ['A\\u{202e}\\u{a}B (AWS::S3::Bucket)']);
    assert.deepEqual(atRisk, ['A\\u{202e}\\u{a}B (AWS::S3::Bucket): the data in it']);
  });
});
