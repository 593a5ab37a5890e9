import type * as vscode from 'vscode';
import { visibleText } from '../../core/visible-text.ts';
import { askItem } from '../base/ask.ts';
import type { Profile } from '../../core/stack/aws-target.ts';
import { pickText } from '../base/pick-text.ts';
import { kindWord } from './session.ts';
import { plainText } from '../base/register-command.ts';
import { readTarget, rememberSetting } from '../base/settings.ts';
import type { ConnectionContext } from './connection-context.ts';
import { tryConnection } from './with-session.ts';

/** Longest reason that is shown, in UTF-16 units. */
const MAX_PROBLEM = 500;
const DOCS = 'https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html';

type Item = vscode.QuickPickItem & { readonly profile: string; readonly problem?: string | undefined };

/**
 * "Select AWS Profile…": a profile of the AWS config files, or the AWS CLI's own choice; saved in the settings. A profile that
 * cannot be used is listed with the reason.
 * @throws AwsError for a config file that cannot be read; AbortError on Escape
 */
export async function selectProfileCommand(
  ui: Pick<ConnectionContext, 'vs' | 'cloud' | 'connection' | 'log'>,
): Promise<void> {
  const { vs, cloud } = ui;
  const { t } = vs.l10n;
  const profiles = await cloud.profiles();
  if (profiles.length === 0) {
    await sayHowToMakeOne(vs);
    return;
  }
  const current = currentProfile(vs);
  const items: Item[] = [
    {
      label: t("The AWS CLI's choice"),
      description: described([t('environment, AWS_PROFILE or "default"')], current === '', vs),
      profile: '',
    },
    ...profiles.map((profile) => itemOf(vs, profile, profile.name === current)),
  ];
  const item = await askItem(vs, items, {
    title: t('AWS Profile'),
    placeHolder: t('The profile to call AWS with; saved in the settings'),
    active: items.find(({ profile }) => profile === current),
  });
  if (item.problem !== undefined) {
    await vs.window.showWarningMessage(plainText(visibleText(item.problem, MAX_PROBLEM)));
    return;
  }
  await rememberSetting(vs, 'profile', item.profile);
  await tryConnection(ui);
}

function itemOf(vs: typeof vscode, profile: Profile, isCurrent: boolean): Item {
  const { name, kind, region, endpoint, problem } = profile;
  if (problem !== undefined)
    return {
      label: `$(circle-slash) ${pickText(name)}`,
      description: described([vs.l10n.t('cannot be used')], isCurrent, vs),
      detail: visibleText(problem, MAX_PROBLEM),
      profile: name,
      problem,
    };
  const parts = [kindWord(vs, kind), region, endpoint].filter((part) => part !== undefined);
  return { label: pickText(name), description: described(parts, isCurrent, vs), profile: name };
}

function described(parts: readonly string[], isCurrent: boolean, { l10n }: typeof vscode): string {
  return [...parts, ...(isCurrent ? [l10n.t('current')] : [])].map((part) => visibleText(part)).join(' · ');
}

/** @returns '' where the AWS CLI's choice is used; undefined where the setting is invalid */
function currentProfile(vs: typeof vscode): string | undefined {
  try {
    return readTarget(vs).profile ?? '';
  } catch {
    return undefined;
  }
}

async function sayHowToMakeOne(vs: typeof vscode): Promise<void> {
  const { t } = vs.l10n;
  const docs = t('How to Create One');
  const sentence = t(
    'There is no AWS profile yet: create one with "aws configure sso" or "aws configure" in a terminal.',
  );
  if ((await vs.window.showInformationMessage(sentence, docs)) === docs)
    await vs.env.openExternal(vs.Uri.parse(DOCS));
}
