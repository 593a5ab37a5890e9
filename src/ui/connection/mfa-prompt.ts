import type * as vscode from 'vscode';
import { AwsError } from '../../core/errors.ts';
import { visibleText } from '../../core/visible-text.ts';
import { askText } from '../base/ask.ts';

/** STS accepts exactly six digits (AssumeRole, TokenCode). */
const CODE = /^\d{6}$/;

/** Asks for codes of multi-factor devices, one question at a time, also when several clients need a code. */
export class MfaPrompt {
  readonly #vs: typeof vscode;
  #last: Promise<unknown> = Promise.resolve();

  constructor(vs: typeof vscode) {
    this.#vs = vs;
  }

  /**
   * @param serial the device's ARN or serial number
   * @returns six digits
   * @throws AbortError on Escape
   */
  ask(serial: string): Promise<string> {
    const { t } = this.#vs.l10n;
    const question = (): Promise<string> =>
      askText(this.#vs, {
        title: t('Log In to AWS'),
        prompt: t('Code of the MFA device {0}', visibleText(serial)),
        placeHolder: '123456',
        validate: (text) => (CODE.test(text) ? undefined : t('Type the six digits it shows now.')),
      });
    const answer = this.#last.then(question, question);
    this.#last = answer;
    return answer;
  }
}

/** @returns the error that views get instead of a question: the user completes the login with a command */
export function codeNeeded({ l10n: { t } }: typeof vscode, profile: string | undefined): AwsError {
  const name = visibleText(profile ?? 'default');
  return new AwsError(
    'expired-login',
    t('AWS profile "{0}" asks for a multi-factor code: run "Log In to AWS" to give it.', name),
    { operation: 'sts:AssumeRole', awsCode: 'MultiFactorAuthentication' },
  );
}
