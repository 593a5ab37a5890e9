import type * as vscode from 'vscode';
import { secretPlaceOf, type SecretPlace } from '../../core/stack/secret-arn.ts';
import { isParameterValue } from '../../core/stack/stack-contract.ts';
import { choose, isMasked, keep, presentValue, valueOf, type DeployForm } from './deploy-form.ts';
import { pickText } from '../base/pick-text.ts';
import type { Session } from '../connection/session.ts';
import { BACK, inputText, pickOne, type Step, type StepFrame } from '../base/wizard.ts';

const NAME = 'ApiKeyArn';

type Row = vscode.QuickPickItem & {
  /** for a store, the user is asked for the ARN */
  readonly choice: 'keep' | 'stack' | SecretPlace['store'];
};

/**
 * Asks where the Ittybit API key is kept, not for the key itself. Back in the question for an ARN returns to the list.
 */
export function apiKeyStep(vs: typeof vscode, session: Session, where: string): Step<DeployForm> {
  const { t } = vs.l10n;
  return async (form, frame) => {
    for (;;) {
      const items = rows(vs, form);
      const row = await pickOne(vs, frame, {
        placeHolder: t('Where is the Ittybit API key kept? {0}', where),
        items,
        active: items.find(({ choice }) => choice === choiceOf(form)),
      });
      if (row === BACK) return BACK;
      const { choice } = row;
      if (choice === 'keep') return keep(form, NAME);
      if (choice === 'stack') return choose(form, NAME, '');
      const arn = await askArn(vs, session, frame, form, choice);
      if (arn !== BACK) return choose(form, NAME, arn);
    }
  };
}

function rows(vs: typeof vscode, form: DeployForm): Row[] {
  const { t } = vs.l10n;
  const masked = isMasked(form, NAME);
  const arn = presentValue(form, NAME);
  const store = secretPlaceOf(arn)?.store;
  const exists = form.present.stack !== undefined && !masked;
  const mark = (isCurrent: boolean, ...others: string[]): string =>
    [...others, ...(exists && isCurrent ? [t('current')] : [])].join(', ');
  const place = (choice: SecretPlace['store'], label: string): Row => ({
    label,
    description: mark(store === choice),
    choice,
  });
  return [
    ...(canKeep(form)
      ? [{ label: t('Keep as It Is'), description: masked ? '' : pickText(arn), choice: 'keep' as const }]
      : []),
    {
      label: t('Let the Stack Create a Secret'),
      description: mark(arn === '', t('recommended')),
      detail: t('In Secrets Manager; Set Ittybit API Key… stores the key in it.'),
      choice: 'stack',
    },
    place('secrets-manager', t('A Secret of Secrets Manager…')),
    place('parameter-store', t('A SecureString of SSM Parameter Store…')),
  ];
}

/** @returns true where the list has "Keep as It Is": a secret that the stack created is an item of its own */
function canKeep(form: DeployForm): boolean {
  return form.present.stack !== undefined && (isMasked(form, NAME) || presentValue(form, NAME) !== '');
}

/** @returns the choice that the form holds now */
function choiceOf(form: DeployForm): Row['choice'] {
  if (form.chosen[NAME] === undefined && canKeep(form)) return 'keep';
  return secretPlaceOf(valueOf(form, NAME))?.store ?? 'stack';
}

function askArn(
  vs: typeof vscode,
  { region }: Session,
  frame: StepFrame,
  form: DeployForm,
  store: SecretPlace['store'],
): Promise<string | typeof BACK> {
  const { t } = vs.l10n;
  const before = valueOf(form, NAME);
  const isSecret = store === 'secrets-manager';
  return inputText(vs, frame, {
    prompt: isSecret ? t('ARN of the secret') : t('ARN of the SecureString parameter'),
    value: secretPlaceOf(before)?.store === store ? before : '',
    placeHolder: isSecret
      ? 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:ittybit-AbCdEf'
      : 'arn:aws:ssm:eu-west-1:123456789012:parameter/ittybit/key',
    validate: (arn) => {
      const place = secretPlaceOf(arn);
      if (place?.store !== store || !isParameterValue(NAME, arn)) {
        return isSecret
          ? t(
              'Copy the full ARN from the secret’s page in Secrets Manager: it ends in a hyphen and six characters.',
            )
          : t('Give the full ARN of a parameter, as SSM shows it.');
      }
      // The functions read the key in their own region.
      return place.region === region
        ? undefined
        : t('It must be in {0}, the region of the pipeline.', region);
    },
  });
}
