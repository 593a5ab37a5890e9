import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { deployStack } from '../app/deploy-stack.ts';
import type { Credentials } from '../aws/connection.ts';
import { MediaBatchError } from '../core/errors.ts';
import type { StackService } from '../core/ports.ts';
import type { LocalConnection } from './local-connection.ts';

const POLICY_FILE = join(import.meta.dirname, '../../resources/aws-policy.json');
/** The longest session that AssumeRole gives by default, in s. */
const SESSION_SECONDS = 3600;

/**
 * Makes a role that has the policy of the README and nothing else, and takes it on: everything after this runs as such
 * a user would. CloudFormation makes the role, so that no IAM client is needed.
 * @param root the emulator as its root user
 * @param policy replaces the README's policy, for tests that take rights away
 * @returns the session's credentials, good for an hour
 */
export async function createRestrictedCaller(
  root: LocalConnection,
  stacks: StackService,
  policy?: unknown,
  stackName = 'restricted-caller',
): Promise<Credentials> {
  const PolicyDocument = policy ?? (JSON.parse(await readFile(POLICY_FILE, 'utf8')) as unknown);
  const trust = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' }],
  };
  const templateBody = JSON.stringify({
    Resources: {
      Role: {
        Type: 'AWS::IAM::Role',
        Properties: { AssumeRolePolicyDocument: trust, Policies: [{ PolicyName: 'readme', PolicyDocument }] },
      },
    },
    Outputs: { Arn: { Value: { 'Fn::GetAtt': ['Role', 'Arn'] } } },
  });
  const result = await deployStack({ stackName, templateBody, parameters: {} }, stacks, { everyMs: 50 });
  if (result.outcome === 'declined') throw new MediaBatchError('local-cloud', 'The role was declined.');
  const sts = new STSClient(root);
  const RoleArn = result.outputs['Arn'];
  const answer = await sts.send(
    new AssumeRoleCommand({ RoleArn, RoleSessionName: 'media-batch', DurationSeconds: SESSION_SECONDS }),
  );
  sts.destroy();
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = answer.Credentials ?? {};
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
}
