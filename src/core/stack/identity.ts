export interface Identity {
  /** @returns the account and caller that the credentials belong to; the cheapest proof that they work */
  caller(signal?: AbortSignal): Promise<{ account: string; arn: string }>;
}
