export interface SecretStore {
  /** Stores a new value under the ARN of a Secrets Manager secret or an SSM SecureString parameter. */
  put(arn: string, value: string, signal?: AbortSignal): Promise<void>;
}
