import type * as vscode from 'vscode';
import { jobsAtIttybit } from '../../app/batch/jobs-at-ittybit.ts';
import { whatStays } from '../../app/stack/data-at-risk.ts';
import { readPipeline, type PipelineSnapshot } from '../../app/stack/pipeline-snapshot.ts';
import { checkDeletable } from '../../app/stack/stack-operations.ts';
import { inQueue } from '../../core/batch/queue-service.ts';
import { DeployError } from '../../core/errors.ts';
import type { Stack } from '../../core/stack/stack-service.ts';
import { OUTPUTS, type DataResource } from '../../core/stack/stack-contract.ts';
import { templateAge } from '../../core/stack/template-version.ts';
import { visibleText } from '../../core/visible-text.ts';
import { askText, cancelled } from '../base/ask.ts';
import { holdWords } from './change-set-words.ts';
import { formatCount } from '../base/format.ts';
import { jobLines } from './job-lines.ts';
import { plainText } from '../base/register-command.ts';
import { runStackCommand, type StackCommandContext } from './run-stack-command.ts';
import { KeptTables } from '../connection/kept-tables.ts';
import { connectionLine, type Session } from '../connection/session.ts';
import { deleteStackOperation, watchStackOperation } from './stack-operation.ts';

/** "Delete Pipeline…" of the chosen stack: see `deletePipeline`. */
export async function deletePipelineCommand(ui: StackCommandContext): Promise<void> {
  await deletePipeline(ui);
}

/**
 * Shows what is deleted, in numbers, and what stays, by name. Then asks the user to type the stack's name, deletes the stack
 * and waits for the end. A deletion that has already begun is only watched.
 * @param stackName default: the chosen stack
 * @throws AbortError on Escape, AwsError
 */
export async function deletePipeline(ui: StackCommandContext, stackName?: string): Promise<void> {
  const { vs } = ui;
  await runStackCommand(ui, async (session) => {
    const name = stackName ?? session.stackName;
    const options = {
      location: vs.ProgressLocation.Window,
      title: vs.l10n.t('Media Batch: reading the stack "{0}"', name),
    };
    const pipeline = await vs.window.withProgress(options, () => readPipeline(name, session.services));
    const { stack } = pipeline;
    if (!stack) {
      throw new DeployError('not-deployed', name, vs.l10n.t('There is no stack "{0}" here.', name));
    }
    checkDeletable(name, stack);
    const resultsTable = stack.outputs[OUTPUTS.resultsTable];
    const target = { stackName: name, stackId: stack.id, resultsTable };
    const isGoing = stack.status === 'DELETE_IN_PROGRESS';
    if (!isGoing) {
      const jobs = await vs.window.withProgress(options, () => readJobs(vs, session, pipeline));
      await confirm(vs, session, pipeline, stack, jobs);
      await typeName(vs, name);
    }
    // Before the end, which this window may not see. While the stack lives, its table is not offered to another one.
    if (resultsTable) await noteTable(ui, session, name, resultsTable, stack);
    return isGoing
      ? watchStackOperation(session, { ...target, kind: 'delete' })
      : deleteStackOperation(session, target);
  });
}

/** @returns what becomes of the jobs at Ittybit. A stack without outputs has no table to count them in. */
async function readJobs(
  vs: typeof vscode,
  { services }: Session,
  { outputs }: PipelineSnapshot,
): Promise<readonly string[]> {
  return outputs ? jobLines(vs, await jobsAtIttybit(outputs, services.batches)) : [];
}

function noteTable(
  { memory }: Pick<StackCommandContext, 'memory'>,
  { account, region, endpoint }: Session,
  stackName: string,
  table: string,
  { parameters }: Stack,
): Promise<void> {
  const connectionId = parameters['ConnectionId'] ?? '';
  return new KeptTables(memory.global).note({ table, stackName, connectionId, account, region, endpoint });
}

async function confirm(
  vs: typeof vscode,
  session: Session,
  pipeline: PipelineSnapshot,
  stack: Stack,
  jobs: readonly string[],
): Promise<void> {
  const { t } = vs.l10n;
  const { stays, goes } = whatStays(stack);
  const go = t('Continue');
  const table = pipeline.outputs?.resultsTable;
  const isKnown = /^(current|older)$/.test(templateAge(stack.outputs).age);
  const detail = [
    connectionLine(vs, session),
    '',
    t('Lost for good:'),
    ...lost(vs, pipeline, goes),
    ...(isKnown ? [] : [t('everything else in its template, which Media Batch does not know')]),
    ...(jobs.length > 0 ? ['', ...jobs] : []),
    '',
    t('Stays in your account until you delete it:'),
    ...stays.map((resource) => {
      const name = resource.holds === 'results' && table ? visibleText(table) : resource.logicalId;
      return t('{0}: the DynamoDB table {1}', holdWords(vs, resource), name);
    }),
  ].join('\n');
  const question = t('Delete the pipeline "{0}"?', pipeline.stackName);
  const choice = await vs.window.showWarningMessage(question, { modal: true, detail: plainText(detail) }, go);
  if (choice !== go) throw cancelled();
}

/** @returns one line for each kind of data that is deleted; the three log groups share one line */
function lost(
  vs: typeof vscode,
  { queue, deadLetters, outputs }: PipelineSnapshot,
  goes: readonly DataResource[],
): string[] {
  const { t } = vs.l10n;
  const about = (count: number | undefined, one: string): string => {
    if (count !== undefined) return t('{0}: about {1}', one, formatCount(vs, count));
    // A stack whose creation failed has no queues to count.
    return outputs ? t('{0}: the number could not be read', one) : one;
  };
  const lines = goes.map((resource) => {
    const words = holdWords(vs, resource);
    if (resource.holds === 'queued-files') {
      return about(queue && inQueue(queue), t('files that wait in the queue or are in flight'));
    }
    return resource.holds === 'dead-letters' ? about(deadLetters, words) : words;
  });
  return [...new Set(lines)];
}

async function typeName(vs: typeof vscode, stackName: string): Promise<void> {
  const { t } = vs.l10n;
  await askText(vs, {
    title: t('Delete Pipeline'),
    prompt: t('Type the name of the stack, {0}, to delete it.', stackName),
    placeHolder: stackName,
    validate: (text) => (text === stackName ? undefined : t('This is not the name of the stack.')),
  });
}
