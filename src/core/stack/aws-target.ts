/** How a profile of the AWS config files gets its credentials. */
export type ProfileKind = 'sso' | 'login' | 'assume-role' | 'process' | 'keys' | 'other';

/** What the AWS config files say about one profile. */
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

/** Where and as whom AWS is called. */
export interface CloudTarget {
  readonly region: string;
  /** a profile of ~/.aws; undefined: the AWS CLI's choice */
  readonly profile?: string | undefined;
  /** such as `http://localhost:4566`; takes precedence over the profile's `endpoint_url` */
  readonly endpoint?: string | undefined;
  /** asks for the code of a multi-factor device, given its ARN; rejects with an AbortError on Escape */
  readonly mfaCode?: ((serial: string) => Promise<string>) | undefined;
}
