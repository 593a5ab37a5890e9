import type * as vscode from 'vscode';
import { checkCloudRequest } from '../../app/batch/cloud-enqueue.ts';
import { mustSplit, splitPrefix, startCloudParts } from '../../app/batch/cloud-parts.ts';
import type { EnqueueRequest } from '../../app/batch/enqueue-prefix.ts';
import type { EnqueuePlan } from '../../app/batch/plan-enqueue.ts';
import { checkCloudPlace } from '../../app/stack/cloud-enqueue-stack.ts';
import type { BatchMeta } from '../../core/batch/batch.ts';
import { MediaBatchError } from '../../core/errors.ts';
import { prefixUri } from '../../core/files/s3-location.ts';
import { estimateAwsCost, estimateCloudCost } from '../../core/stack/aws-prices.ts';
import { enumeratorName } from '../../core/stack/enumerator-contract.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';
import { visibleText } from '../../core/visible-text.ts';
import { cancelled } from '../base/ask.ts';
import type { CommandId } from '../base/command-ids.ts';
import { formatCount, formatDollars } from '../base/format.ts';
import type { ViewNode } from '../base/node.ts';
import { plainText } from '../base/register-command.ts';
import { withCancel } from '../base/with-cancel.ts';
import { operatorOf } from './enqueue-request.ts';
import type { BatchesContext } from '../batches/batches-context.ts';
import { connectionLine, type Session } from '../connection/session.ts';
import {
  changeWords,
  deployMachine,
  findMachine,
  type MachineChange,
} from '../pipeline/enumerator-machine.ts';

/** A request that the cost is said for. */
const MILLION = 1_000_000;

/** What is asked for, and what a dry run has counted of it; undefined where nothing was counted. */
export interface CloudRequest {
  readonly request: EnqueueRequest;
  readonly plan: Pick<EnqueuePlan, 'listed' | 'files' | 'truncated'> | undefined;
}

/** What the question before an enqueue says. */
interface Asked {
  readonly change: MachineChange;
  /** true: all objects were counted */
  readonly isCounted: boolean;
  /** the prefixes of the runs; undefined: one run, of the whole */
  readonly parts: readonly string[] | undefined;
}

/**
 * Has Step Functions enqueue a request, after a question that says what it adds and costs. More than one run takes is split
 * by prefix, into a batch for each part.
 * @returns the batches; undefined where the user took the editor's way or none
 * @throws InvalidInputError, DeployError, AwsError; AbortError on Escape
 */
export async function sendInCloud(
  ui: BatchesContext,
  session: Session,
  pipeline: StackOutputs,
  { request, plan }: CloudRequest,
): Promise<readonly BatchMeta[] | undefined> {
  const { scopes, log } = ui;
  const { services } = session;
  const { bucket } = request;
  const scope = scopes.present;
  const check = async (): Promise<true> => {
    checkCloudRequest(request);
    await checkCloudPlace(request, session, services);
    return true;
  };
  if (!(await unlessRefused(ui, request, check))) return undefined;
  const { change, arn } = await findMachine(session, bucket, pipeline);
  const isCounted = plan !== undefined && !plan.truncated;
  const prefixes = await askForRuns(ui, session, { request, plan }, { change, isCounted });
  if (!prefixes) return undefined;
  const machine = arn ?? (await deployMachine(ui, session, bucket));
  const filesPerSecond = scope.watch.last?.throughput?.filesPerSecond;
  const by = await operatorOf(ui, session);
  const planned = isCounted && prefixes.length === 1 ? plan.files : undefined;
  const signed = { ...request, planned, ...(by !== undefined && { by }) };
  const title = ui.vs.l10n.t('Starting the enqueue of {0}', visibleText(prefixUri(request), 200));
  const metas = await withCancel(ui.vs, title, (progress, { signal }) =>
    startCloudParts(signed, prefixes, machine, pipeline, services, {
      ...{ filesPerSecond, signal },
      onStarted: (count) => {
        progress.report({ message: `${count} / ${prefixes.length}` });
      },
    }),
  ).finally(() => {
    scope.enqueued();
  });
  log.info(`enqueue in the cloud: ${metas.map(({ batch }) => `batch ${batch}`).join(', ')}`);
  return metas;
}

/**
 * Asks whether to enqueue, and in how many runs.
 * @returns the prefixes of the runs; undefined where Step Functions does not take the request. @throws AbortError on Escape
 */
async function askForRuns(
  ui: BatchesContext,
  session: Session,
  { request, plan }: CloudRequest,
  asked: Omit<Asked, 'parts'>,
): Promise<readonly string[] | undefined> {
  if (!mustSplit(plan?.listed)) {
    const answer = await confirm(ui, session, request, { ...asked, parts: undefined });
    if (answer === 'go') return [request.prefix];
  }
  const parts = await unlessRefused(ui, request, () => partsOf(ui, session, request));
  if (parts) await confirm(ui, session, request, { ...asked, parts });
  return parts;
}

/** Finds the prefixes that a request is split into, with progress. @throws as `splitPrefix` */
function partsOf(
  { vs }: BatchesContext,
  { services }: Session,
  request: EnqueueRequest,
): Promise<readonly string[]> {
  const title = vs.l10n.t('Finding the parts of {0}', visibleText(prefixUri(request), 200));
  return withCancel(vs, title, (_, { signal }) => splitPrefix(request, services.buckets, signal));
}

/** @returns undefined where Step Functions does not take the request, and the user takes the editor's way or none */
async function unlessRefused<Result>(
  { vs }: BatchesContext,
  request: EnqueueRequest,
  work: () => Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof MediaBatchError) || error.code !== 'cloud-enqueue-refused') throw error;
    const instead = vs.l10n.t('Enqueue from the Editor…');
    const { bucket, prefix } = request;
    if ((await vs.window.showWarningMessage(plainText(error.message), instead)) !== instead) return undefined;
    const row: ViewNode = { id: prefixUri(request), label: '', tokens: [], data: { bucket, prefix } };
    void vs.commands.executeCommand('mediaBatch.enqueuePrefix' satisfies CommandId, row);
    return undefined;
  }
}

/** @returns 'split' where the user wants parts. @throws AbortError on Escape */
async function confirm(
  { vs }: BatchesContext,
  session: Session,
  request: EnqueueRequest,
  { change, isCounted, parts }: Asked,
): Promise<'split' | 'go'> {
  const { t } = vs.l10n;
  const name = enumeratorName(session.stackName, request.bucket);
  const lines = [
    connectionLine(vs, session),
    '',
    changeWords({ vs }, name, change),
    t(
      'AWS: about {0} for each million objects listed, and about {1} for each million files on their way through the pipeline; Ittybit charges each file on top.',
      formatDollars(vs, estimateCloudCost(MILLION)),
      formatDollars(vs, estimateAwsCost(MILLION)),
    ),
    '',
    ...sizeLines(vs, { isCounted, parts }),
    t('Files that are done or under way end as covered, unpaid.'),
    t('Restored copies of archived files are left out: AWS does not tell Step Functions of them.'),
  ];
  const question = plainText(t('Enqueue {0} in the cloud?', visibleText(prefixUri(request), 200)));
  const go = t('Enqueue in the Cloud');
  const split = t('In Parts…');
  const options = { modal: true, detail: plainText(lines.join('\n')) };
  const buttons = isCounted || parts ? [go] : [go, split];
  const choice = await vs.window.showInformationMessage(question, options, ...buttons);
  if (choice === undefined) throw cancelled();
  return choice === split ? 'split' : 'go';
}

function sizeLines(vs: typeof vscode, { isCounted, parts }: Omit<Asked, 'change'>): string[] {
  const { t } = vs.l10n;
  if (parts) {
    const [first = '', last = ''] = [parts.at(0), parts.at(-1)];
    return [
      t(
        'One run takes 50 million objects at most, so there are {0} batches with a run each, from {1} to {2}.',
        formatCount(vs, parts.length),
        visibleText(first, 100),
        visibleText(last, 100),
      ),
    ];
  }
  return isCounted
    ? []
    : [t('Nothing is counted before. A run takes 50 million objects at most: of more, make parts.')];
}
