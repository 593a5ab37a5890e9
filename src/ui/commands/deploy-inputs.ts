import type * as vscode from 'vscode';
import type { StackParameters } from '../../core/stack-contract.ts';
import { askText } from '../ask.ts';
import { connectionLine, type Session } from '../session.ts';
import { isStackName } from '../settings.ts';

export interface DeployInputs {
  readonly stackName: string;
  /** only what the user filled in: the rest keeps its value */
  readonly parameters: StackParameters;
}

/** The template's AllowedPattern of these parameters, with at least one character. */
const CONNECTION_ID = /^[A-Za-z0-9_-]{1,128}$/;
const EMAIL = /^[^@\s]+@[^@\s]+$/;
const STEPS = 3;

/**
 * Asks what a deployment needs; every step says which account it is for.
 * @throws AbortError on Escape at any step
 */
export async function askDeployInputs(vs: typeof vscode, session: Session): Promise<DeployInputs> {
  const { t } = vs.l10n;
  const where = connectionLine(vs, session);
  const title = (step: number): string => t('Deploy Pipeline ({0}/{1})', step, STEPS);
  const stackName = await askText(vs, {
    title: title(1),
    prompt: t('Stack name. {0}', where),
    value: session.stackName,
    validateInput: (value) =>
      isStackName(value.trim()) ? undefined : t('Use letters, digits and hyphens, with a letter first.'),
  });
  const connectionId = await askText(vs, {
    title: title(2),
    prompt: t('Id of the Ittybit connection that reads your bucket. {0}', where),
    placeHolder: t('Empty: what the stack has, or else your default connection'),
    validateInput: optional(CONNECTION_ID, t('An id has letters, digits, "_" and "-".')),
  });
  const alarmEmail = await askText(vs, {
    title: title(3),
    prompt: t('E-mail address for alarms. {0}', where),
    placeHolder: t('Empty: what the stack has, or else no mail'),
    validateInput: optional(EMAIL, t('This is not an e-mail address.')),
  });
  return {
    stackName,
    parameters: {
      ...(connectionId && { ConnectionId: connectionId }),
      ...(alarmEmail && { AlarmEmail: alarmEmail }),
    },
  };
}

function optional(pattern: RegExp, problem: string): (value: string) => string | undefined {
  return (value) => (value.trim() === '' || pattern.test(value.trim()) ? undefined : problem);
}
