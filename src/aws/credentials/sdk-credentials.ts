/** Credentials as the SDK's clients take them. */
export interface SdkCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
  /** twelve digits, where their issuer named the account */
  readonly accountId?: string;
}
