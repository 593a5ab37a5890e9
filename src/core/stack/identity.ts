export interface Identity {
  /** @returns the account and caller that the credentials belong to; the cheapest proof that they work */
  caller(signal?: AbortSignal): Promise<{ account: string; arn: string }>;
}

/**
 * @param arn of a caller, such as `arn:aws:iam::111122223333:user/anna`
 * @returns who that is, without the account, such as `user/anna`, cut to 200 characters; '' where AWS names nobody
 */
export function callerName(arn: string): string {
  return arn.split(':').slice(5).join(':').slice(0, 200);
}
