import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import {
  isParameterValue,
  PARAMETER_RULES,
  PARAMETERS,
  TUNING_LIMITS,
} from '../../src/core/stack/stack-contract.ts';
import { parseTemplate, TEMPLATE_SOURCE, type Json } from './built-template.ts';

/** Every parameter is a string for CloudFormation; YAML reads some as numbers. */
const textOf = (value: Json | undefined): string =>
  typeof value === 'string' ? value : JSON.stringify(value);

describe('the rules for parameters', () => {
  it("are the template's", async () => {
    const { Parameters } = parseTemplate(await readFile(TEMPLATE_SOURCE, 'utf8'));
    const ours = PARAMETERS.map((name) => {
      const { default: value, pattern, range, values } = PARAMETER_RULES[name];
      return [name, value, pattern?.source.replaceAll('\\/', '/'), range, values];
    });
    const theirs = Object.entries(Parameters).map(([name, rule]) => [
      name,
      textOf(rule['Default']),
      rule['AllowedPattern'],
      rule['MinValue'] === undefined ? undefined : [rule['MinValue'], rule['MaxValue']],
      (rule['AllowedValues'] as Json[] | undefined)?.map(textOf),
    ]);
    assert.deepEqual(ours, theirs);
  });

  it('are the limits of tuning', () => {
    assert.deepEqual(PARAMETER_RULES.BatchSize.range, TUNING_LIMITS.batchSize);
    assert.deepEqual(PARAMETER_RULES.MaximumConcurrency.range, TUNING_LIMITS.maximumConcurrency);
    assert.deepEqual(PARAMETER_RULES.MaximumBatchingWindow.range, TUNING_LIMITS.maximumBatchingWindow);
  });

  it('refuse what the template refuses', () => {
    for (const value of ['1e1', '0x5', '-1', '1.5', ' 5', '', '11', '999999999999']) {
      assert.ok(!isParameterValue('BatchSize', value), value);
    }
    for (const value of ['http://api.ittybit.com', 'https://x/?key=1', 'javascript:1', 'https://a b']) {
      assert.ok(!isParameterValue('IttybitApiUrl', value), value);
    }
    assert.ok(!isParameterValue('LogRetentionDays', '31'));
    for (const value of ['my-secret', 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:ittybit']) {
      assert.ok(!isParameterValue('ApiKeyArn', value), value);
    }
    assert.ok(!isParameterValue('ApiKeyKmsKeyArn', 'arn:aws:kms:eu-west-1:111122223333:alias/key'));
  });
});
