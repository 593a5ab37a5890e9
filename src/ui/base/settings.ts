import type * as vscode from 'vscode';
import { InvalidInputError } from '../../core/errors.ts';
import { DEFAULT_STACK_NAME } from '../../core/stack/stack-contract.ts';

/** The settings under `mediaBatch.`; package.json contributes exactly these. */
export const SETTING_NAMES = [
  'profile',
  'region',
  'endpoint',
  'stackName',
  'pins',
  'templateFile',
  'refreshSeconds',
] as const;
export type SettingName = (typeof SETTING_NAMES)[number];

const SECTION = 'mediaBatch';

/** The settings that say where AWS is called, and for which stack. */
export interface TargetSettings {
  /** a profile of ~/.aws; undefined = the profile that the AWS CLI would use */
  readonly profile: string | undefined;
  readonly region: string | undefined;
  /** undefined = the profile's own endpoint, or AWS */
  readonly endpoint: string | undefined;
  readonly stackName: string;
}

/** All settings except `mediaBatch.pins`, which is read elsewhere. */
export interface Settings extends TargetSettings {
  /** path of a CloudFormation template to deploy instead of the bundled one */
  readonly templateFile: string | undefined;
  /** seconds between two readings for the views */
  readonly refreshSeconds: number;
}

/** Default and limits as in package.json, in seconds. */
const REFRESH = { default: 5, min: 2, max: 300 };
/** Such as eu-west-1 and us-gov-east-1. */
const REGION = /^[a-z]{2,}(-[a-z]+)+-\d+$/;
/** CloudFormation's rule (CreateStack, StackName). */
const STACK_NAME = /^[A-Za-z][A-Za-z0-9-]{0,127}$/;

/**
 * Reads the settings as they are now. An empty value counts as not set.
 * @throws InvalidInputError whose field is the setting's full id
 */
export function readSettings(vs: typeof vscode): Settings {
  const { t } = vs.l10n;
  return {
    ...readTarget(vs),
    templateFile: readText(
      vs,
      'templateFile',
      (value) => !/\p{Cc}/u.test(value),
      t('it is the path of a CloudFormation template.'),
    ),
    refreshSeconds:
      read(
        vs,
        'refreshSeconds',
        isRefresh,
        t('it is a whole number of seconds from {0} to {1}.', REFRESH.min, REFRESH.max),
      ) ?? REFRESH.default,
  };
}

/**
 * Reads only the settings of the connection, so that a mistake in another setting does not prevent a connection.
 * @throws InvalidInputError whose field is the setting's full id
 */
export function readTarget(vs: typeof vscode): TargetSettings {
  const { t } = vs.l10n;
  return {
    profile: readText(
      vs,
      'profile',
      isProfileName,
      t('it is the name of a profile in your AWS config files.'),
    ),
    region: readText(vs, 'region', isRegion, t('it is the id of an AWS region such as eu-west-1.')),
    endpoint: readText(vs, 'endpoint', isEndpoint, t('it is an address such as http://localhost:4566.')),
    stackName:
      readText(
        vs,
        'stackName',
        isStackName,
        t('a stack name has letters, digits and hyphens, and starts with a letter.'),
      ) ?? DEFAULT_STACK_NAME,
  };
}

/** @returns `refreshSeconds` in ms; its default where the value is invalid, as a poll shows no messages */
export function refreshMs(vs: typeof vscode): number {
  const value: unknown = vs.workspace.getConfiguration(SECTION).get('refreshSeconds' satisfies SettingName);
  return (isRefresh(value) ? value : REFRESH.default) * 1000;
}

function readText(
  vs: typeof vscode,
  name: SettingName,
  isValid: (value: string) => boolean,
  rule: string,
): string | undefined {
  return read(vs, name, (value): value is string => typeof value === 'string' && isValid(value), rule);
}

/** @param rule the sentence about valid values for the error; the value itself is left out, as it may be a secret */
function read<Value>(
  vs: typeof vscode,
  name: SettingName,
  isValid: (value: unknown) => value is Value,
  rule: string,
): Value | undefined {
  const value: unknown = vs.workspace.getConfiguration(SECTION).get(name);
  if (value === undefined || value === null || value === '') return undefined;
  if (isValid(value)) return value;
  const id = `${SECTION}.${name}`;
  throw new InvalidInputError(id, vs.l10n.t('The setting {0} cannot be used: {1}', id, rule));
}

/**
 * Saves a value that the user chose in a dialog: in the workspace's settings where the workspace has its own value, else in
 * the user's settings.
 */
export async function rememberSetting(
  vs: typeof vscode,
  name: SettingName,
  value: string | readonly string[],
): Promise<void> {
  const configuration = vs.workspace.getConfiguration(SECTION);
  const { Global, Workspace } = vs.ConfigurationTarget;
  const inWorkspace = configuration.inspect(name)?.workspaceValue !== undefined;
  await configuration.update(name, value, inWorkspace ? Workspace : Global);
}

/** @returns true for a possible name of a profile: the AWS CLI accepts any text of one line */
export function isProfileName(value: string): boolean {
  return !/[\r\n\0]/.test(value);
}

/** @returns true for the id of an AWS region */
export function isRegion(value: string): boolean {
  return REGION.test(value);
}

/** @returns true for a stack name that CloudFormation accepts */
export function isStackName(value: string): boolean {
  return STACK_NAME.test(value);
}

function isRefresh(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= REFRESH.min && Number(value) <= REFRESH.max;
}

/** An address with a user or a password is refused, as it would appear in logs. */
function isEndpoint(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const url = new URL(value);
  return /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
}
