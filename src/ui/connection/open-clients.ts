import { InvalidInputError } from '../../core/errors.ts';
import type { Profile } from '../../core/stack/aws-target.ts';
import type { Opened } from './aws-clients.ts';
import type { TargetSettings } from '../base/settings.ts';
import type { ConnectionContext } from './connection-context.ts';

/**
 * Makes the AWS clients of a connection, without a call to AWS and without a question.
 * @param profiles those of the AWS config files
 * @param mfaCode asks for the code of a multi-factor device when a call needs one
 * @throws InvalidInputError `mediaBatch.region` where neither the settings nor the profile have a region
 */
export async function openClients(
  { vs, cloud }: Pick<ConnectionContext, 'vs' | 'cloud'>,
  { profile, endpoint, ...settings }: TargetSettings,
  profiles: readonly Profile[],
  mfaCode: (serial: string) => Promise<string>,
): Promise<Opened> {
  const defaults = await cloud.profileDefaults(profile);
  const region = settings.region ?? defaults.region;
  if (!region) {
    throw new InvalidInputError(
      'mediaBatch.region',
      vs.l10n.t('No AWS region is chosen: run "Select AWS Region…" from the command palette.'),
    );
  }
  return {
    services: await cloud.connect({ profile, endpoint, region, mfaCode }),
    region,
    profile,
    profileKind: profiles.find(({ name }) => name === profile)?.kind,
    endpoint: endpoint ?? defaults.endpoint,
  };
}
