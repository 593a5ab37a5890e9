import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/** A case: files, an environment, and the identity that they lead to. */
export interface ProfileCase {
  readonly what: string;
  readonly config?: string;
  readonly credentials?: string;
  /** other files below the home directory; `SSO/…` is what `aws sso login` leaves of a session or portal */
  readonly files?: Readonly<Record<string, string>>;
  /** `HOME/` and `URL/` stand for the home directory and the address of the stand-ins, here and in files */
  readonly env?: Readonly<Record<string, string>>;
  /** chosen in our settings, or with --profile; undefined = what the AWS CLI chooses */
  readonly profile?: string;
  /** the ARN, or 'refused' */
  readonly is: string;
  /** the AWS CLI's result where we differ from it, and why */
  readonly butCli?: { readonly is: string; readonly because: string };
}

/** Abbreviations for sections that many cases have. */
const SHORT: readonly (readonly [RegExp, string])[] = [
  [/<keys (\w+)>/g, 'aws_access_key_id = AKIA$1\naws_secret_access_key = secret-of-$1'],
  [/<role (\w+)>/g, 'role_arn = arn:aws:iam::111122223333:role/$1'],
  [/<sso (\w+)>/g, 'sso_account_id = 111122223333\nsso_role_name = $1'],
  [/<portal>/g, 'sso_start_url = https://corp.awsapps.com/start\nsso_region = eu-west-1'],
];

/** @returns the cases of profile-cases.yaml by subject; the AWS CLI and our code are tested with each */
export function profileCases(): Readonly<Record<string, readonly ProfileCase[]>> {
  const text = readFileSync(join(import.meta.dirname, 'profile-cases.yaml'), 'utf8');
  return parse(text, (_key, value: unknown) =>
    typeof value === 'string'
      ? SHORT.reduce((whole, [short, long]) => whole.replace(short, long), value)
      : value,
  ) as Record<string, ProfileCase[]>;
}
