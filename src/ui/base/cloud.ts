import type { CloudServices } from '../../core/stack/cloud-services.ts';
import type { TargetSettings } from './settings.ts';

/** How a profile of the AWS config files gets its credentials. */
export type ProfileKind = 'sso' | 'login' | 'assume-role' | 'process' | 'keys' | 'other';

export interface Profile {
  readonly name: string;
  readonly kind: ProfileKind;
  /** the profile whose credentials assume the role */
  readonly source?: string | undefined;
  readonly region: string | undefined;
  /** the `endpoint_url` for its CloudFormation calls */
  readonly endpoint: string | undefined;
  /** why the profile cannot be used, in one sentence */
  readonly problem?: string | undefined;
}

/** The files and folders of the AWS CLI and the SDK that we read. None of them has to exist. */
export interface AwsFiles {
  readonly config: string;
  readonly credentials: string;
  /** folders with a JSON file for each login of `aws sso login` and `aws login` */
  readonly tokens: readonly string[];
  /** the profile that the AWS CLI would use */
  readonly defaultProfile: string;
  /** true where keys in the environment take precedence over the default profile */
  readonly environmentKeys?: boolean;
}

export interface CloudTarget extends Pick<TargetSettings, 'profile' | 'endpoint'> {
  readonly region: string;
  /** asks for the code of a multi-factor device; rejects with an AbortError on Escape */
  readonly mfaCode?: ((serial: string) => Promise<string>) | undefined;
}

/** Access to AWS. The composition root makes it, and the first call loads the AWS code. */
export interface Cloud {
  connect(target: CloudTarget): Promise<CloudServices>;
  /**
   * the profiles of the AWS config files, sorted by name; empty where there are no files
   * @throws AwsError `no-credentials` for a file that cannot be read
   */
  profiles(): Promise<readonly Profile[]>;
  files(): Promise<AwsFiles>;
  /** the values of the AWS config files for settings of ours that are empty */
  profileDefaults(
    profile: string | undefined,
  ): Promise<{ region: string | undefined; endpoint: string | undefined }>;
}
