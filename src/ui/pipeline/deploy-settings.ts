import type * as vscode from 'vscode';
import { PARAMETER_RULES, type ParameterName } from '../../core/stack/stack-contract.ts';
import { isMasked, presentValue, valueOf, type DeployForm } from './deploy-form.ts';
import { pickText } from '../base/pick-text.ts';
import { BACK, pickOne, type Step } from '../base/wizard.ts';
import { inputParameter, pickParameter, type Setting } from './deploy-parameter.ts';
import { tableWords } from './deploy-table.ts';
import { tagsSetting } from './deploy-tags.ts';

/** The last step: Enter continues to the review; any other item changes one more parameter. */
export function moreSettingsStep(vs: typeof vscode, where: string): Step<DeployForm> {
  const { t } = vs.l10n;
  return async (answered, frame) => {
    const settings = settingsOf(vs, answered.present.stack === undefined);
    for (let form = answered; ;) {
      const go = {
        label: t('$(check) Review the Changes'),
        description: t('nothing happens before you agree'),
      };
      const rows = settings.map(({ label, detail, describe }) => ({
        label: `$(edit) ${label}`,
        description: pickText(describe(form)),
        detail,
      }));
      const separator = { label: t('More settings'), kind: vs.QuickPickItemKind.Separator };
      const row = await pickOne(vs, frame, {
        placeHolder: t('Ready. {0}', where),
        items: [go, separator, ...rows],
        active: go,
      });
      if (row === BACK) return BACK;
      const setting = settings[rows.findIndex((each) => each === row)];
      if (!setting) return form;
      const next = await setting.ask(frame, form);
      if (next !== BACK) form = next;
    }
  };
}

function describeParameter(
  vs: typeof vscode,
  form: DeployForm,
  name: ParameterName,
  words: Words['words'],
): string {
  const { t } = vs.l10n;
  const masked = isMasked(form, name);
  const before = masked ? t('hidden') : words(presentValue(form, name));
  const chosen = form.chosen[name] !== undefined;
  const now = masked && chosen ? t('changed') : words(valueOf(form, name));
  return chosen ? t('{0} (was {1})', now, before) : before;
}

/** @param isNew a stack that exists keeps its table */
function settingsOf(vs: typeof vscode, isNew: boolean): readonly Setting[] {
  const { t } = vs.l10n;
  return [
    ...paceSettings(vs),
    numberSetting(vs, 'MaxAttempts', {
      label: t('Attempts'),
      detail: t('Failed submissions of a file before it becomes a dead letter; rate limits do not count'),
      words: (value) => value,
    }),
    numberSetting(vs, 'ReconcileAfterMinutes', {
      label: t('Reconcile after'),
      detail: t('Minutes without a callback after which Ittybit is asked about a file'),
      words: (value) => t('{0} min', value),
    }),
    numberSetting(vs, 'BrakePercent', {
      label: t('Brake'),
      detail: t('Percent of the last 100 results of a batch that may fail before it is held; 0: never'),
      words: (value) => (value === '0' ? t('off') : t('{0} %', value)),
    }),
    pickSetting(vs, 'LogRetentionDays', {
      label: t('Log retention'),
      detail: t('How long the logs of the functions are kept'),
      words: (value) => (value === '1' ? t('1 day') : t('{0} days', value)),
    }),
    pickSetting(vs, 'DispatchEnabled', {
      label: t('Dispatch'),
      detail: t('Whether files are submitted as soon as they are queued'),
      words: (value) => (value === 'true' ? t('running') : t('paused')),
    }),
    textSetting(vs, 'ApiKeyKmsKeyArn', {
      label: t('KMS key of the API key'),
      detail: t('ARN of the customer-managed key that encrypts the API key; empty for AWS’s own keys'),
      problem: t('Give the ARN of the key, as KMS shows it, not that of an alias.'),
      words: (value) => value || t('AWS’s own'),
    }),
    textSetting(vs, 'PermissionsBoundaryArn', {
      label: t('Permissions boundary'),
      detail: t(
        'ARN of the IAM policy that bounds the functions’ roles, if your account demands one; empty for none',
      ),
      problem: t('Give the ARN of an IAM policy, such as arn:aws:iam::111122223333:policy/boundary.'),
      words: (value) => value || t('none'),
    }),
    tagsSetting(vs),
    textSetting(vs, 'IttybitApiUrl', {
      label: t('Ittybit API address'),
      detail: t('Where the functions call Ittybit'),
      problem: t('Type an https address without blanks, "?" and "#".'),
      words: (value) => value,
    }),
    ...(isNew ? [tableSetting(vs)] : []),
  ];
}

function paceSettings(vs: typeof vscode): readonly Setting[] {
  const { t } = vs.l10n;
  return [
    numberSetting(vs, 'MaxRequestsPerSecond', {
      label: t('Calls per second'),
      detail: t('How often Ittybit may be called at most; 0: the stack finds the limit'),
      words: (value) => (value === '0' ? t('finds the limit') : t('{0}/s', value)),
    }),
    numberSetting(vs, 'MaximumBatchingWindow', {
      label: t('Batching window'),
      detail: t('Seconds that SQS may wait to fill a batch'),
      words: (value) => t('{0} s', value),
    }),
  ];
}

interface Words extends Pick<Setting, 'label' | 'detail'> {
  /** the words for a value in the list */
  readonly words: (value: string) => string;
}

function parameterSetting(
  vs: typeof vscode,
  name: ParameterName,
  { label, detail, words }: Words,
  ask: Setting['ask'],
): Setting {
  return { label, detail, describe: (form) => describeParameter(vs, form, name, words), ask };
}

function tableSetting(vs: typeof vscode): Setting {
  const { t } = vs.l10n;
  const name = 'ExistingResultsTable';
  const words: Words = {
    label: t('Results table'),
    detail: t('That of a deleted stack, whose results the new stack goes on with'),
    words: (value) => value || t('a new one'),
  };
  return parameterSetting(vs, name, words, (frame, form) =>
    inputParameter(vs, frame, form, name, tableWords(vs)),
  );
}

function numberSetting(vs: typeof vscode, name: ParameterName, words: Words): Setting {
  const [least, most] = PARAMETER_RULES[name].range ?? [0, 0];
  const problem = vs.l10n.t('Type a whole number from {0} to {1}.', least, most);
  const prompt = `${words.label}, ${least}–${most}. ${words.detail}`;
  return parameterSetting(vs, name, words, (frame, form) =>
    inputParameter(vs, frame, form, name, { prompt, problem }),
  );
}

function pickSetting(vs: typeof vscode, name: ParameterName, words: Words): Setting {
  const { label, detail } = words;
  const question = { prompt: `${label}: ${detail}`, label: words.words };
  return parameterSetting(vs, name, words, (frame, form) => pickParameter(vs, frame, form, name, question));
}

function textSetting(
  vs: typeof vscode,
  name: ParameterName,
  { problem, ...words }: Words & { readonly problem: string },
): Setting {
  const question = { prompt: `${words.label}. ${words.detail}`, problem };
  return parameterSetting(vs, name, words, (frame, form) => inputParameter(vs, frame, form, name, question));
}
