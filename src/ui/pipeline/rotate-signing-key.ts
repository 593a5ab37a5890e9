import type * as vscode from 'vscode';
import { findPipeline } from '../../app/stack/pipeline.ts';
import { planKeyRotation, type KeyRotation } from '../../app/stack/signing-key.ts';
import { MAX_PREVIOUS_KEYS } from '../../core/ittybit/signing-keys.ts';
import { visibleText } from '../../core/visible-text.ts';
import { cancelled } from '../base/ask.ts';
import { formatCount } from '../base/format.ts';
import { plainText } from '../base/register-command.ts';
import { withViewProgress } from '../base/view-progress.ts';
import { connectionLine, type Session } from '../connection/session.ts';
import { withSessionToWrite } from '../connection/with-session.ts';
import type { ScopeContext } from '../watch/scope-context.ts';

/**
 * "Rotate Signing Key…": says in numbers which keys stay valid, asks, and stores a new key in AWS, nowhere else.
 * @throws DeployError as `findPipeline`, MediaBatchError as `planKeyRotation` and `KeyRotation`, AwsError, AbortError when
 * the user does not agree
 */
export async function rotateSigningKeyCommand(
  ui: Pick<ScopeContext, 'vs' | 'log' | 'connection' | 'memory'>,
): Promise<void> {
  const { vs, log } = ui;
  const { t } = vs.l10n;
  const stackName = await withSessionToWrite(ui, async (session) => {
    const { services } = session;
    const pipeline = await findPipeline(session.stackName, services.stacks);
    const rotation = await planKeyRotation(pipeline, services.secrets);
    await confirm(vs, session, rotation);
    await withViewProgress(vs, 'mediaBatch.pipeline', t('Rotating the signing key…'), () => rotation.store());
    log.info(`${session.stackName}: a new signing key is stored in ${pipeline.signingSecretArn}`);
    return session.stackName;
  });
  const outcome = t('The signing key of "{0}" is rotated. The pipeline uses it within 5 minutes.', stackName);
  await vs.window.showInformationMessage(plainText(outcome));
}

async function confirm(vs: typeof vscode, session: Session, rotation: KeyRotation): Promise<void> {
  const { t } = vs.l10n;
  const { kept, givenUp } = rotation;
  const rotate = t('Rotate the Key');
  const detail = [
    connectionLine(vs, session),
    '',
    t('A new key signs the webhook addresses of the jobs that are submitted from now on.'),
    kept > 0
      ? t(
          'Earlier keys that stay valid: {0} (at most {1}). Callbacks of jobs under way are still accepted.',
          formatCount(vs, kept),
          formatCount(vs, MAX_PREVIOUS_KEYS),
        )
      : t('No earlier key can be used, so callbacks of jobs under way are refused.'),
    ...(givenUp > 0
      ? [
          t(
            'Keys that are given up: {0}, the oldest. Callbacks to addresses that it signed are refused.',
            formatCount(vs, givenUp),
          ),
        ]
      : []),
  ].join('\n');
  const question = t('Rotate the signing key of "{0}"?', visibleText(session.stackName));
  const choice = await vs.window.showWarningMessage(question, { modal: true, detail }, rotate);
  if (choice !== rotate) throw cancelled();
}
