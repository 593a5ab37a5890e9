import type { Profile } from '../../core/stack/aws-target.ts';
import { messageOf } from '../../core/errors.ts';
import { nestedValues, type Values } from '../config/config-text.ts';
import { planProfile, sourceOf, type CredentialPlan } from './credential-plan.ts';
import { readSharedConfig, type SharedConfig } from '../config/shared-config.ts';

/**
 * Reads the profiles of the AWS config and credentials files, and the headers that look like a profile but are not one.
 * @returns by name; none where there are no files
 * @throws AwsError `no-credentials` for a file that the AWS CLI would not read either
 */
export async function readProfiles(): Promise<readonly Profile[]> {
  const config = await readSharedConfig();
  const profiles = [...config.profiles].map(([name, values]) => profileOf(config, name, values));
  const strays = config.strays.map((header) => ({ ...NOTHING, name: header, problem: whyStray(header) }));
  return [...profiles, ...strays].sort((one, other) => (one.name < other.name ? -1 : 1));
}

const NOTHING = { kind: 'other', source: undefined, region: undefined, endpoint: undefined } as const;

function profileOf(config: SharedConfig, name: string, values: Values): Profile {
  const services = config.services.get(values.get('services') ?? '');
  const own = nestedValues(services?.get('cloudformation')).get('endpoint_url');
  return {
    name,
    ...kindOf(config, name),
    source: sourceOf(values),
    region: values.get('region') || undefined,
    endpoint: own || values.get('endpoint_url') || undefined,
  };
}

const KINDS: Readonly<Record<CredentialPlan['kind'], Profile['kind']>> = {
  keys: 'keys',
  process: 'process',
  sso: 'sso',
  login: 'login',
  role: 'assume-role',
  'web-identity': 'other',
  // In the plan of a profile, these occur only below a role.
  Environment: 'other',
  EcsContainer: 'other',
  Ec2InstanceMetadata: 'other',
};

function kindOf(config: SharedConfig, name: string): Pick<Profile, 'kind' | 'problem'> {
  try {
    const plan = planProfile(config, name);
    return plan
      ? { kind: KINDS[plan.kind], problem: undefined }
      : { kind: 'other', problem: `AWS profile "${name}" has no credentials.` };
  } catch (error) {
    return { kind: 'other', problem: messageOf(error) };
  }
}

function whyStray(header: string): string {
  const name = header.replace(/^profile\s*/, '');
  return header.startsWith('profile')
    ? `The AWS CLI does not read the header [${header}]: write [profile "${name}"].`
    : `In the config file the AWS CLI reads a profile of that name from [profile ${name}] only.`;
}
