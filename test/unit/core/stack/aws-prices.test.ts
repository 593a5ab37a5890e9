import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AWS_COST_PER_FILE, estimateAwsCost } from '../../../../src/core/stack/aws-prices.ts';

const README = readFileSync(join(import.meta.dirname, '../../../../README.md'), 'utf8');

/** @returns the dollars in the row of the README's table with this beginning */
function readmeDollars(start: string): string | undefined {
  const row = README.split('\n').find((line) => line.startsWith(`| ${start}`));
  return /\$([\d.]+)/.exec(row ?? '')?.[1];
}

describe('estimateAwsCost', () => {
  it('agrees with the README for 50,000 files, part by part', () => {
    const rows = {
      dynamodb: 'DynamoDB',
      httpApi: 'HTTP API',
      lambda: 'Lambda',
      logs: 'Logs',
      sqsAndS3: 'SQS',
    };
    for (const [part, row] of Object.entries(rows) as [keyof typeof rows, string][]) {
      assert.equal((AWS_COST_PER_FILE[part] * 50_000).toFixed(2), readmeDollars(row), row);
    }
    assert.equal(estimateAwsCost(50_000).toFixed(2), '0.70');
    assert.equal(readmeDollars('**The batch**'), '0.70');
    assert.equal(estimateAwsCost(0), 0);
    assert.equal(estimateAwsCost(50_000, 50_000).toFixed(2), '1.20');
  });
});
