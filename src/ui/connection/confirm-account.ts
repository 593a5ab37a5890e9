import { visibleText } from '../../core/visible-text.ts';
import { cancelled } from '../base/ask.ts';
import { plainText } from '../base/register-command.ts';
import type { ConnectionContext } from './connection-context.ts';
import { KnownStacks } from './known-stacks.ts';
import { connectionLine, type Session } from './session.ts';

/**
 * Asks before anything is written, when the stack was last used with another account. A profile can lead to another account
 * than before, which may have a stack of the same name. The answer is remembered.
 * @param stackName default: the chosen stack
 * @throws AbortError when the user does not agree
 */
export async function confirmAccount(
  { vs, memory }: Pick<ConnectionContext, 'vs' | 'memory'>,
  session: Session,
  stackName = session.stackName,
): Promise<void> {
  const { t } = vs.l10n;
  const known = new KnownStacks(memory.global);
  const place = { ...session, stackName };
  const before = known.accountOf(place);
  const [then, now] = [before ?? '', session.account].map((account) => visibleText(account));
  if (before !== undefined && before !== session.account) {
    const use = t('Use Account {0}', now ?? '');
    const question = t(
      'The stack "{0}" was last used in account {1}. This is account {2}.',
      visibleText(stackName),
      then ?? '',
      now ?? '',
    );
    const detail = [
      connectionLine(vs, session),
      '',
      t(
        'Nothing has been changed yet. If you continue, account {0} is changed and account {1} is not. To work in account {1}, select a profile of that account.',
        now ?? '',
        then ?? '',
      ),
    ].join('\n');
    const choice = await vs.window.showWarningMessage(
      plainText(question),
      { modal: true, detail: plainText(detail) },
      use,
    );
    if (choice !== use) throw cancelled();
  }
  await known.useAccount(place);
}
