import {
  PACE,
  pauseCloudEnqueue,
  readCloudEnqueue,
  resumeCloudEnqueue,
  setCloudPace,
  type CloudEnqueue,
} from '../../app/batch/cloud-enqueue.ts';
import { listCloudEnqueues } from '../../app/batch/list-cloud-enqueues.ts';
import { findPipeline } from '../../app/stack/pipeline.ts';
import {
  checkRemovable,
  listEnumerators,
  removeEnumerator,
  type EnumeratorStack,
} from '../../app/stack/cloud-enqueue-stack.ts';
import { enumeratorName } from '../../core/stack/enumerator-contract.ts';
import { InvalidInputError } from '../../core/errors.ts';
import { prefixUri } from '../../core/files/s3-location.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';
import { visibleText } from '../../core/visible-text.ts';
import { askItem, askText, cancelled } from '../base/ask.ts';
import { formatCount } from '../base/format.ts';
import type { ViewNode } from '../base/node.ts';
import { pickText } from '../base/pick-text.ts';
import { plainText } from '../base/register-command.ts';
import { withCancel } from '../base/with-cancel.ts';
import { connectionLine, type Session } from '../connection/session.ts';
import { withSessionToWrite } from '../connection/with-session.ts';
import type { ScopeContext } from '../watch/scope-context.ts';
import { changeWords, deployMachine, findMachine } from './enumerator-machine.ts';
import { eventWords } from './stack-events.ts';
import { runKind, runWords, type CloudRunData, type CloudStackData, type RunKind } from './cloud-rows.ts';

/** A run that a command works on, as it is now. */
interface Chosen {
  readonly enqueue: CloudEnqueue;
  readonly session: Session;
  readonly pipeline: StackOutputs;
}

/** "Pause Cloud Enqueue": stops the run so that it can be resumed. @throws AwsError; AbortError on Escape */
export function pauseCloudEnqueueCommand(ui: ScopeContext, node?: ViewNode): Promise<void> {
  const { t } = ui.vs.l10n;
  return onRun(
    ui,
    { title: t('Pause Cloud Enqueue'), kind: 'running' },
    node,
    async ({ session, enqueue }) => {
      const late = await pauseCloudEnqueue(enqueue, session.services.cloudRuns);
      return t('Paused. Up to {0} more files may still arrive.', formatCount(ui.vs, late));
    },
  );
}

/**
 * "Resume Cloud Enqueue": goes on with a run that was paused or has failed. Where the bucket's stack is gone, or knows a queue
 * or table that is, it is made or updated first, after a question.
 * @throws as `resumeCloudEnqueue` and `deployMachine`; AbortError on Escape
 */
export function resumeCloudEnqueueCommand(ui: ScopeContext, node?: ViewNode): Promise<void> {
  const { t } = ui.vs.l10n;
  return onRun(ui, { title: t('Resume Cloud Enqueue'), kind: 'stopped' }, node, async (chosen) => {
    const { session, pipeline, enqueue } = chosen;
    const filesPerSecond = ui.scopes.present.watch.last?.throughput?.filesPerSecond;
    const { arn, isNewMachine } = await machineFor(ui, chosen);
    const how = await resumeCloudEnqueue(enqueue, arn, pipeline, session.services, {
      ...{ filesPerSecond, isNewMachine },
    });
    return how === 'new-run'
      ? t('A new run lists everything again: what was sent before is not paid twice.')
      : t('The enqueue goes on. You can close the editor.');
  });
}

/** @returns the state machine of a run's bucket, which is made where it is gone. @throws AbortError on Escape */
async function machineFor(
  ui: ScopeContext,
  { session, pipeline, enqueue }: Chosen,
): Promise<{ readonly arn: string; readonly isNewMachine: boolean }> {
  const { vs } = ui;
  const { t } = vs.l10n;
  const { bucket } = enqueue.meta;
  const { change, arn } = await findMachine(session, bucket, pipeline, true);
  if (arn !== undefined) return { arn, isNewMachine: false };
  const go = t('Resume');
  const words = changeWords(ui, enumeratorName(session.stackName, bucket), change);
  const detail = [connectionLine(vs, session), '', words].join('\n');
  const question = plainText(t('Resume the enqueue of {0}?', visibleText(prefixUri(enqueue.meta), 200)));
  if ((await vs.window.showInformationMessage(question, { modal: true, detail }, go)) !== go)
    throw cancelled();
  return { arn: await deployMachine(ui, session, bucket), isNewMachine: true };
}

/** "Set Pace of Cloud Enqueue…": how many thousands are sent at once, at once. @throws AwsError; AbortError on Escape */
export function setCloudPaceCommand(ui: ScopeContext, node?: ViewNode): Promise<void> {
  const { vs } = ui;
  const { t } = vs.l10n;
  const title = t('Set Pace of Cloud Enqueue');
  return onRun(ui, { title, kind: 'running' }, node, async ({ session, enqueue }) => {
    const parts = Number(
      await askText(vs, {
        title,
        prompt: t(
          'How many parts of up to 1,000 objects are sent at once, {0} to {1}',
          PACE.least,
          PACE.most,
        ),
        value: String(enqueue.state?.map?.maxConcurrency ?? PACE.usual),
        validate: (text) =>
          /^\d{1,2}$/.test(text) && Number(text) >= PACE.least && Number(text) <= PACE.most
            ? undefined
            : t('A whole number from {0} to {1}.', PACE.least, PACE.most),
      }),
    );
    await setCloudPace(enqueue, parts, session.services.cloudRuns);
    return t('{0} parts are sent at once from now on.', parts);
  });
}

/** "Remove Cloud Enqueue…": deletes a bucket's stack. @throws DeployError, AwsError; AbortError on Escape */
export async function removeCloudEnqueueCommand(ui: ScopeContext, node?: ViewNode): Promise<void> {
  const { vs, scopes } = ui;
  const { t } = vs.l10n;
  const text = await withSessionToWrite(ui, async (session) => {
    const { stacks, cloudRuns } = session.services;
    const given = (node?.data as Partial<CloudStackData> | undefined)?.enumerator;
    const enumerator = given ?? (await askStack(ui, session));
    if (!enumerator) return t('There is no cloud enqueue.');
    await checkRemovable(enumerator, cloudRuns);
    const go = t('Remove');
    const detail = [
      connectionLine(vs, session),
      t(
        'The stack {0} is deleted. Its batches and what it has sent stay. An enqueue that is paused can still be resumed from its batch, which makes the stack anew.',
        enumerator.name,
      ),
    ].join('\n');
    const question = plainText(t('Remove the cloud enqueue of {0}?', visibleText(enumerator.bucket)));
    if ((await vs.window.showWarningMessage(question, { modal: true, detail }, go)) !== go) throw cancelled();
    await withCancel(vs, t('Deleting "{0}"', enumerator.name), (progress, { signal }) =>
      removeEnumerator(enumerator.name, stacks, {
        signal,
        onEvent: (event) => {
          progress.report({ message: eventWords(event) });
        },
      }),
    );
    return t('The cloud enqueue of {0} is removed.', visibleText(enumerator.bucket));
  });
  void scopes.present.refresh();
  await vs.window.showInformationMessage(plainText(text));
}

/** Runs a command on a run that the user has chosen, and says what it did. */
async function onRun(
  ui: ScopeContext,
  { title, kind }: { readonly title: string; readonly kind: RunKind },
  node: ViewNode | undefined,
  work: (chosen: Chosen) => Promise<string>,
): Promise<void> {
  const { vs, scopes } = ui;
  const text = await withSessionToWrite(ui, async (session) => {
    const { services, stackName } = session;
    const pipeline = await findPipeline(stackName, services.stacks);
    const given = node?.data as (Partial<CloudRunData> & { readonly batch?: string }) | undefined;
    const batch =
      given?.enqueue?.meta.batch ??
      given?.batch ??
      (await askRun(ui, session, pipeline, { title, kind }))?.enqueue.meta.batch;
    if (batch === undefined) return vs.l10n.t('There is no cloud enqueue for this.');
    // The row may be old.
    const enqueue = await readCloudEnqueue(batch, pipeline, services);
    if (!enqueue || runKind(enqueue) !== kind) {
      const now = enqueue ? runWords(vs, enqueue) : vs.l10n.t('gone');
      throw new InvalidInputError(
        'run',
        vs.l10n.t('This enqueue has changed meanwhile ({0}): look again.', now),
      );
    }
    return work({ enqueue, session, pipeline });
  });
  void scopes.present.refresh();
  await vs.window.showInformationMessage(plainText(text));
}

async function askRun(
  { vs }: ScopeContext,
  { services, stackName }: Session,
  pipeline: StackOutputs,
  { title, kind }: { readonly title: string; readonly kind: RunKind },
): Promise<CloudRunData | undefined> {
  const stacks = await listEnumerators(stackName, services.stacks);
  const runs = await Promise.all(
    stacks.map(async (enumerator) => {
      const found = enumerator.machine ? await listCloudEnqueues(enumerator.machine, pipeline, services) : [];
      return found.map((enqueue) => ({ enumerator, enqueue }));
    }),
  );
  const items = runs
    .flat()
    .filter(({ enqueue }) => runKind(enqueue) === kind)
    .map((run) => ({
      label: pickText(prefixUri(run.enqueue.meta)),
      description: runWords(vs, run.enqueue),
      run,
    }));
  return items.length === 0 ? undefined : (await askItem(vs, items, { title })).run;
}

async function askStack(
  { vs }: ScopeContext,
  { services, stackName }: Session,
): Promise<EnumeratorStack | undefined> {
  const items = (await listEnumerators(stackName, services.stacks)).map((enumerator) => ({
    label: pickText(enumerator.bucket),
    description: enumerator.name,
    enumerator,
  }));
  const title = vs.l10n.t('Remove Cloud Enqueue');
  return items.length === 0 ? undefined : (await askItem(vs, items, { title })).enumerator;
}
