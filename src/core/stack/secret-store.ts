/** A secret's text, and which of its versions it is. */
export interface StoredSecret {
  readonly value: string;
  readonly version: string;
}

export interface SecretStore {
  /** Stores a new value under the ARN of a Secrets Manager secret or an SSM SecureString parameter. */
  put(arn: string, value: string, signal?: AbortSignal): Promise<void>;
  /** Reads the current version of a Secrets Manager secret. */
  read(arn: string, signal?: AbortSignal): Promise<StoredSecret>;
  /** @returns true where a Secrets Manager secret has had another value before the current one; it reads neither */
  isReplaced(arn: string, signal?: AbortSignal): Promise<boolean>;
  /**
   * Stores a new value of a Secrets Manager secret, provided that its current version is still the one that was read.
   * @returns false where another version has become the current one; it stays that
   */
  replace(arn: string, version: string, value: string, signal?: AbortSignal): Promise<boolean>;
}
