/**
 * Limits of every client, those of the credential providers included: dead hosts must not hang a view, and the longest
 * call of ours is a 20 s receive.
 */
export const REQUEST_HANDLER = {
  /** ms */
  connectionTimeout: 5_000,
  /** ms */
  requestTimeout: 60_000,
  throwOnRequestTimeout: true,
};
