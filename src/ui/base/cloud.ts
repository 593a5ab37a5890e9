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
  /** the `endpoint_url` that its CloudFormation calls go to */
  readonly endpoint: string | undefined;
  /** why it cannot be used, in a sentence */
  readonly problem?: string | undefined;
}

/** Where the AWS CLI and the SDK keep what we read; nothing of it has to exist. */
export interface AwsFiles {
  readonly config: string;
  readonly credentials: string;
  /** folders with a JSON file for each login of `aws sso login` and `aws login` */
  readonly tokens: readonly string[];
  /** the profile that the AWS CLI would choose */
  readonly defaultProfile: string;
  /** keys in the environment go before it */
  readonly environmentKeys?: boolean;
}

export interface CloudTarget extends Pick<TargetSettings, 'profile' | 'endpoint'> {
  readonly region: string;
  /** asks for the code of a multi-factor device; raises AbortError on Escape */
  readonly mfaCode?: ((serial: string) => Promise<string>) | undefined;
}

/** The way to AWS, given by the composition root; AWS's code is loaded by the first call. */
export interface Cloud {
  connect(target: CloudTarget): Promise<CloudServices>;
  /**
   * the profiles of the AWS config files, by name; none where there are no files
   * @throws AwsError `no-credentials` for a file that cannot be read
   */
  profiles(): Promise<readonly Profile[]>;
  files(): Promise<AwsFiles>;
  /** what the AWS config files say where our settings say nothing */
  profileDefaults(
    profile: string | undefined,
  ): Promise<{ region: string | undefined; endpoint: string | undefined }>;
}
