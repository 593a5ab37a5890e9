import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { DATA_RESOURCES } from '../../src/core/stack/stack-contract.ts';
import { parseTemplate, TEMPLATE_SOURCE } from './built-template.ts';

/** Types that hold something; the others can be made again as they were. */
const STATEFUL = /^AWS::(DynamoDB::Table|SQS::Queue|SecretsManager::Secret|Logs::LogGroup|S3::Bucket)$/;

describe('the data resources of the contract', () => {
  it("are the template's, with what it retains", async () => {
    const { Resources } = parseTemplate(await readFile(TEMPLATE_SOURCE, 'utf8'));
    const held = Object.entries(Resources)
      .filter(([, { Type }]) => STATEFUL.test(Type))
      .map(([logicalId, { Type, DeletionPolicy }]) => [logicalId, Type, DeletionPolicy === 'Retain']);
    assert.deepEqual(
      DATA_RESOURCES.map(({ logicalId, type, stays }) => [logicalId, type, stays]).toSorted(),
      held.toSorted(),
    );
  });
});
