/** Variables by name, as the AWS CLI would find them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** @returns the environment of this process; its variables can stand for settings of the AWS config files */
export function environment(): Environment {
  return process.env;
}
