import type * as vscode from 'vscode';
import { AwsError, isAbort } from '../../core/errors.ts';
import type { StackEvent } from '../../core/stack/stack-service.ts';
import { visibleText } from '../../core/visible-text.ts';
import type { UpdatePhase } from '../../app/stack/update-pause.ts';
import { askCancel } from './ask-cancel.ts';
import { forgetOperation, rememberOperation, type RememberedOperation } from './remembered-operation.ts';
import { withCancel } from '../base/with-cancel.ts';
import { confirmAccount } from '../connection/confirm-account.ts';
import type { Session } from '../connection/session.ts';
import type { ShownOperation, OperationWriter } from '../watch/shown-operation.ts';
import { eventWords } from './stack-events.ts';
import { showStackError } from './stack-outcome.ts';
import {
  cancelUpdateOperation,
  deleteStackOperation,
  type StackOutcome,
  type StackOperation,
  type StackOperationOptions,
} from './stack-operation.ts';
import type { ScopeContext } from '../watch/scope-context.ts';

/** What running an operation needs. */
export type OperationContext = Pick<ScopeContext, 'vs' | 'log' | 'memory' | 'scopes' | 'operations'>;

/** Longest line about an event in the log, in UTF-16 units. */
const MAX_LINE = 2000;

/**
 * Runs a stack operation. Its events go to the log, to the Pipeline view and to a progress notification. Once AWS has begun,
 * Cancel asks what to do. An account that the stack was not used with before is confirmed first. The operation is
 * remembered until its end is known, so that a reload of the window does not lose it.
 * @throws AbortError for a cancel before AWS has begun; DeployError, AwsError
 */
export async function runOperation(
  ui: OperationContext,
  session: Session,
  operation: StackOperation,
): Promise<StackOutcome> {
  if (!operation.onlyWatches) await confirmAccount(ui, session, operation.stackName);
  return new RunningOperation(ui, session, operation).outcome();
}

/** Why the progress notification closed. */
type Gone = 'ended' | 'question' | 'cancel';

class RunningOperation {
  readonly #ui: OperationContext;
  readonly #session: Session;
  readonly #operation: StackOperation;
  /** ends the watching; before AWS has begun, it ends the whole operation */
  readonly #controller = new AbortController();
  readonly #done = new Set<string>();
  #writer: OperationWriter | undefined;
  #planned: number | undefined;
  #replaced = false;
  /** this operation has paused dispatch and resumes it at its end */
  #paused: boolean;
  #settled = false;
  #question: Promise<unknown> | undefined;
  #message: string;
  #report: (message: string) => void = () => undefined;
  #leave: (why: Gone) => void = () => undefined;

  constructor(ui: OperationContext, session: Session, operation: StackOperation) {
    this.#ui = ui;
    this.#session = session;
    this.#operation = operation;
    this.#paused = operation.paused ?? false;
    this.#message = operation.opening ?? '';
  }

  async outcome(): Promise<StackOutcome> {
    const ending = this.#operate();
    // Awaited below; a dialog may be open when it fails.
    ending.catch(() => undefined);
    for (;;) {
      const why = this.#settled ? 'ended' : this.#question ? 'question' : await this.#show();
      if (why === 'question') {
        await this.#question;
      } else if (why === 'ended' || this.#controller.signal.aborted) {
        return ending;
      } else {
        const next = await this.#cancel(ending);
        if (next) return next;
      }
    }
  }

  async #operate(): Promise<StackOutcome> {
    try {
      const outcome = await this.#operation.begin(this.#options());
      this.#forget();
      return outcome;
    } catch (error) {
      if (this.#replaced && isAbort(error)) return { outcome: 'replaced' };
      // After an AwsError the end is not known: the operation stays remembered and is watched again after the next connection.
      const isUnwatched = this.#writer !== undefined && isAbort(error);
      // Dispatch stays paused when the watching stops. The operation stays remembered, so that the next watch resumes dispatch.
      if (!(error instanceof AwsError) && !(isUnwatched && this.#paused)) this.#forget();
      if (isUnwatched) return { outcome: 'unwatched', paused: this.#paused };
      throw error;
    } finally {
      this.#settled = true;
      this.#writer?.end();
      void this.#ui.scopes.present.refresh();
      this.#leave('ended');
    }
  }

  #options(): StackOperationOptions {
    return {
      signal: this.#controller.signal,
      onExecute: () => {
        this.#begun();
      },
      onEvent: (event) => {
        this.#take(event);
      },
      onPlan: (resources) => {
        this.#planned = resources;
      },
      onPhase: (phase) => {
        this.#enter(phase);
      },
      asking: (question) => this.#ask(question),
    };
  }

  #begun(): void {
    const { account, region, endpoint } = this.#session;
    this.#writer = this.#ui.operations.begin(
      { ...this.#operation, place: { account, region, endpoint } },
      () => {
        this.#replaced = true;
        this.#controller.abort();
      },
    );
    this.#remember('begun');
    void this.#ui.scopes.present.refresh();
  }

  #enter(phase: UpdatePhase): void {
    if (phase === 'pausing') {
      this.#paused = true;
      // Remembered before AWS begins, so that a reload can resume dispatch.
      this.#remember('pausing');
    }
    this.#message = phaseWords(this.#ui.vs, phase);
    this.#report(this.#message);
    void this.#ui.scopes.present.refresh();
  }

  #remember(phase: RememberedOperation['phase']): void {
    rememberOperation(this.#ui, this.#session, { ...this.#operation, paused: this.#paused }, phase);
  }

  #forget(): void {
    // The operation that replaced this one is remembered instead.
    if ((this.#writer || this.#paused) && !this.#replaced) forgetOperation(this.#ui);
  }

  #take(event: StackEvent): void {
    this.#writer?.add(event);
    logEvent(this.#ui.log, event);
    if (event.type !== 'AWS::CloudFormation::Stack' && /_(COMPLETE|SKIPPED)$/.test(event.status)) {
      this.#done.add(event.logicalId);
    }
    const { t } = this.#ui.vs.l10n;
    const line = eventWords(event);
    const planned = this.#planned;
    this.#message =
      planned === undefined ? line : t('{0} ({1} of {2})', line, Math.min(this.#done.size, planned), planned);
    this.#report(this.#message);
  }

  /** Closes the progress notification while the user is asked; a new one opens after the answer. */
  async #ask<Answer>(question: () => Promise<Answer>): Promise<Answer> {
    const answer = question();
    this.#question = answer
      .catch(() => undefined)
      .finally(() => {
        this.#question = undefined;
      });
    this.#leave('question');
    return answer;
  }

  /** @returns why the notification closed: the operation has ended, asks something, or the user cancels */
  async #show(): Promise<Gone> {
    const { vs } = this.#ui;
    return withCancel(vs, titleOf(vs, this.#operation), async (progress, { signal }) => {
      const { promise, resolve } = Promise.withResolvers<Gone>();
      this.#leave = resolve;
      this.#report = (message) => {
        progress.report({ message });
      };
      this.#report(this.#message);
      signal.addEventListener('abort', () => {
        // Aborted at once: a moment later AWS might have begun.
        if (!this.#writer) this.#controller.abort();
        resolve('cancel');
      });
      if (this.#settled) resolve('ended');
      else if (this.#question) resolve('question');
      return promise;
    });
  }

  /** @returns undefined to continue watching */
  async #cancel(ending: Promise<StackOutcome>): Promise<StackOutcome | undefined> {
    const { stackName } = this.#operation;
    const choice = await askCancel(this.#ui, this.#session, stackName);
    if (this.#settled) return ending;
    if (choice === 'continue') return undefined;
    if (choice === 'stop') {
      this.#controller.abort();
      return ending;
    }
    const next =
      choice === 'roll-back'
        ? cancelUpdateOperation(this.#session, stackName)
        : deleteStackOperation(this.#session, this.#operation);
    try {
      return await runOperation(this.#ui, this.#session, next);
    } catch (error) {
      if (this.#replaced) throw error;
      // The rollback or deletion did not begin, so the first operation is watched further.
      if (!isAbort(error)) void showStackError(this.#ui, error);
      return undefined;
    }
  }
}

function titleOf(vs: typeof vscode, { kind, stackName }: StackOperation): string {
  const { t } = vs.l10n;
  const titles: Readonly<Record<ShownOperation['kind'], string>> = {
    deploy: t('Deploying "{0}"', stackName),
    cancel: t('Cancelling the update of "{0}"', stackName),
    rollback: t('Rolling back "{0}"', stackName),
    delete: t('Deleting "{0}"', stackName),
  };
  return titles[kind];
}

function phaseWords({ l10n: { t } }: typeof vscode, phase: UpdatePhase): string {
  const words: Readonly<Record<UpdatePhase, string>> = {
    pausing: t('pausing dispatch for the update'),
    draining: t('waiting for the calls under way to end'),
    updating: t('dispatch is paused, updating the stack'),
    resuming: t('resuming dispatch'),
  };
  return words[phase];
}

function logEvent(log: vscode.LogOutputChannel, { status, logicalId, type, reason }: StackEvent): void {
  const line = visibleText([status, logicalId, `(${type})`, reason].filter(Boolean).join(' '), MAX_LINE);
  if (/FAILED|ROLLBACK/.test(status)) log.warn(line);
  else log.info(line);
}
