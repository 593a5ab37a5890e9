import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { deployStack } from '../../app/stack/deploy-stack.ts';
import type { Credentials } from '../../aws/connection.ts';
import { MediaBatchError } from '../../core/errors.ts';
import type { StackService } from '../../core/stack/stack-service.ts';
import type { LocalConnection } from './local-connection.ts';

const RESOURCES = join(import.meta.dirname, '../../../resources');
/** The README's two policies: for users who deploy, and for users who run batches. */
const POLICY_FILES = ['aws-policy-deploy.json', 'aws-policy-operate.json'];
/** The longest session that a role can allow, in s (IAM API, CreateRole): a large run takes more than the usual hour. */
const SESSION_SECONDS = 43_200;

/** The parts of an IAM policy that tests read. */
export interface UserPolicy {
  readonly Version: string;
  readonly Statement: readonly {
    readonly Sid: string;
    readonly Effect: string;
    readonly Action: string | readonly string[];
    readonly Resource: string | readonly string[];
    readonly Condition?: unknown;
  }[];
}

/** @returns the README's two policies as one */
export async function readUserPolicy(): Promise<UserPolicy> {
  const texts = await Promise.all(POLICY_FILES.map((file) => readFile(join(RESOURCES, file), 'utf8')));
  const [first, ...others] = texts.map((text) => JSON.parse(text) as UserPolicy);
  return {
    Version: first?.Version ?? '',
    Statement: [...(first?.Statement ?? []), ...others.flatMap(({ Statement }) => Statement)],
  };
}

/**
 * Creates a role that has the README's policies and no other rights. CloudFormation creates it, so we need no IAM client.
 * @param policy replaces the README's policies, for tests that take rights away
 * @returns the role's ARN
 */
export async function createRestrictedRole(
  stacks: StackService,
  policy?: unknown,
  stackName = 'restricted-caller',
): Promise<string> {
  const PolicyDocument = policy ?? (await readUserPolicy());
  const trust = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' }],
  };
  const templateBody = JSON.stringify({
    Resources: {
      Role: {
        Type: 'AWS::IAM::Role',
        Properties: {
          AssumeRolePolicyDocument: trust,
          MaxSessionDuration: SESSION_SECONDS,
          Policies: [{ PolicyName: 'readme', PolicyDocument }],
        },
      },
    },
    Outputs: { Arn: { Value: { 'Fn::GetAtt': ['Role', 'Arn'] } } },
  });
  const result = await deployStack({ stackName, templateBody, parameters: {} }, stacks, { everyMs: 50 });
  if (result.outcome === 'declined') throw new MediaBatchError('local-cloud', 'The role was declined.');
  return result.outputs['Arn'] ?? '';
}

/**
 * Assumes a role.
 * @param root the emulator as its root user
 * @returns the session's credentials, valid for 12 hours
 */
export async function assumeRole(root: LocalConnection, RoleArn: string): Promise<Credentials> {
  const sts = new STSClient(root);
  const answer = await sts.send(
    new AssumeRoleCommand({ RoleArn, RoleSessionName: 'media-batch', DurationSeconds: SESSION_SECONDS }),
  );
  sts.destroy();
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = answer.Credentials ?? {};
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
}
