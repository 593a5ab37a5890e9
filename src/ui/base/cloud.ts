import type { AwsFiles, CloudTarget, Profile } from '../../core/stack/aws-target.ts';
import type { CloudServices } from '../../core/stack/cloud-services.ts';

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
