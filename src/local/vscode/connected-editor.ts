import type { LocalCloud } from '../cloud/local-cloud.ts';
import type { EditorServerOptions } from './editor-server.ts';

/** The profile that the editor is signed in with: a user who has the README's policy and nothing else. */
export const LOCAL_PROFILE = 'media-batch';

/** What connects an editor to the local cloud, each as its user would have it. */
export type ConnectedEditor = Required<Pick<EditorServerOptions, 'settings' | 'files' | 'env'>>;

/**
 * @param endpoint where the extension reaches AWS; absent: the emulator
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
      // A role rather than its session: a session ends after an hour, and a role is taken on again.
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
