import type { LocalCloud } from '../cloud/local-cloud.ts';
import type { EditorServerOptions } from './editor-server.ts';

/** The profile that the editor uses: of a user who has the README's policies and no other rights. */
export const LOCAL_PROFILE = 'media-batch';

/** What connects an editor to the local cloud, as a user would set it up. */
export type ConnectedEditor = Required<Pick<EditorServerOptions, 'settings' | 'files' | 'env'>>;

/**
 * @param endpoint the address at which the extension reaches AWS; absent: the emulator
 * @returns the settings, the files of ~/.aws and the environment to start an editor with
 */
export function connectedEditor(
  { root, restrictedRole }: LocalCloud,
  endpoint: string = root.endpoint,
): ConnectedEditor {
  const { region, credentials } = root;
  return {
    settings: {
      'mediaBatch.profile': LOCAL_PROFILE,
      'mediaBatch.region': region,
      'mediaBatch.endpoint': endpoint,
    },
    files: {
      // The role, not a session of it: a session ends after an hour, but the extension can assume the role again.
      '.aws/config': `[profile ${LOCAL_PROFILE}]
role_arn = ${restrictedRole}
source_profile = owner
region = ${region}
endpoint_url = ${endpoint}
`,
      '.aws/credentials': `[owner]
aws_access_key_id = ${credentials.accessKeyId}
aws_secret_access_key = ${credentials.secretAccessKey}
`,
    },
    env: { AWS_EC2_METADATA_DISABLED: 'true' },
  };
}
