import type * as vscode from 'vscode';
import { InvalidInputError } from '../core/errors.ts';
import { DEFAULT_STACK_NAME } from '../core/stack-contract.ts';

/** The settings under `mediaBatch.`; package.json contributes exactly these. */
export const SETTING_NAMES = ['profile', 'region', 'endpoint', 'stackName'] as const;
export type SettingName = (typeof SETTING_NAMES)[number];

const SECTION = 'mediaBatch';

export interface Settings {
  /** a profile of ~/.aws; undefined = the one that the AWS CLI would choose */
  readonly profile: string | undefined;
  readonly region: string | undefined;
  /** undefined = the profile's own endpoint, or AWS */
  readonly endpoint: string | undefined;
  readonly stackName: string;
}

/** Such as eu-west-1 and us-gov-east-1. */
const REGION = /^[a-z]{2,}(-[a-z]+)+-\d+$/;
/** CloudFormation's rule (CreateStack, StackName). */
const STACK_NAME = /^[A-Za-z][A-Za-z0-9-]{0,127}$/;

/**
 * Reads the settings as they are now; an empty value is none.
 * @throws InvalidInputError whose field is the setting's full id
 */
export function readSettings(vs: typeof vscode): Settings {
  const { t } = vs.l10n;
  const configuration = vs.workspace.getConfiguration(SECTION);
  const read = (name: SettingName, isValid: (value: string) => boolean, rule: string): string | undefined => {
    const value: unknown = configuration.get(name);
    if (value === undefined || value === null || value === '') return undefined;
    if (typeof value === 'string' && isValid(value)) return value;
    throw new InvalidInputError(
      `${SECTION}.${name}`,
      t('The setting {0} cannot be used: {1}', `${SECTION}.${name}`, rule),
    );
  };
  return {
    profile: read(
      'profile',
      (value) => !/[\p{Cc}[\]]/u.test(value),
      t('it is the name of a profile in your AWS config files.'),
    ),
    region: read('region', isRegion, t('it is the id of an AWS region such as eu-west-1.')),
    endpoint: read('endpoint', isEndpoint, t('it is an address such as http://localhost:4566.')),
    stackName:
      read(
        'stackName',
        isStackName,
        t('a stack name has letters, digits and hyphens, and starts with a letter.'),
      ) ?? DEFAULT_STACK_NAME,
  };
}

/**
 * Saves what the user chose in a dialog, in the workspace where the workspace has a value of its own, else for
 * the user.
 */
export async function rememberSetting(vs: typeof vscode, name: SettingName, value: string): Promise<void> {
  const configuration = vs.workspace.getConfiguration(SECTION);
  const { Global, Workspace } = vs.ConfigurationTarget;
  const inWorkspace = configuration.inspect(name)?.workspaceValue !== undefined;
  await configuration.update(name, value, inWorkspace ? Workspace : Global);
}

/** @returns true for the id of an AWS region */
export function isRegion(value: string): boolean {
  return REGION.test(value);
}

/** @returns true for a name that CloudFormation takes */
export function isStackName(value: string): boolean {
  return STACK_NAME.test(value);
}

/** An address with a user or a password in it would end up in logs. */
function isEndpoint(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const url = new URL(value);
  return /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
}
