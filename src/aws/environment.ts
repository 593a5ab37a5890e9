/** Variables by name, as the AWS CLI would find them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** @returns the environment of this process, which may say what an AWS config file says */
export function environment(): Environment {
  return process.env;
}
