import { checkCloudRequest, checkCloudSize, startCloudEnqueue } from '../../app/batch/cloud-enqueue.ts';
import type { EnqueueRequest } from '../../app/batch/enqueue-prefix.ts';
import type { EnqueuePlan } from '../../app/batch/plan-enqueue.ts';
import {
  checkCloudPlace,
  deployEnumerator,
  findEnumerator,
  isOutdated,
} from '../../app/stack/cloud-enqueue-stack.ts';
import type { BatchMeta } from '../../core/batch/batch.ts';
import { MediaBatchError } from '../../core/errors.ts';
import { prefixUri } from '../../core/files/s3-location.ts';
import { estimateAwsCost, estimateCloudCost } from '../../core/stack/aws-prices.ts';
import { enumeratorName } from '../../core/stack/enumerator-contract.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';
import { visibleText } from '../../core/visible-text.ts';
import { cancelled } from '../base/ask.ts';
import type { CommandId } from '../base/command-ids.ts';
import { formatDollars } from '../base/format.ts';
import type { ViewNode } from '../base/node.ts';
import { plainText } from '../base/register-command.ts';
import { withCancel } from '../base/with-cancel.ts';
import { operatorOf } from './enqueue-request.ts';
import type { BatchesContext } from '../batches/batches-context.ts';
import { connectionLine, type Session } from '../connection/session.ts';

/** A request that the cost is said for. */
const MILLION = 1_000_000;

/** What is asked for, and what a dry run has counted of it; undefined where nothing was counted. */
export interface CloudRequest {
  readonly request: EnqueueRequest;
  readonly plan: Pick<EnqueuePlan, 'listed' | 'files' | 'truncated'> | undefined;
}

/**
 * Has Step Functions enqueue a request, after a question that says what it adds and costs.
 * @returns the batch; undefined where the user took the editor's way or none
 * @throws InvalidInputError, DeployError, AwsError; AbortError on Escape
 */
export async function sendInCloud(
  ui: BatchesContext,
  session: Session,
  pipeline: StackOutputs,
  { request, plan }: CloudRequest,
): Promise<BatchMeta | undefined> {
  const { scopes, log } = ui;
  const { services, stackName } = session;
  const { bucket } = request;
  const scope = scopes.present;
  if (!(await canList(ui, session, request, plan?.listed))) return undefined;
  const present = await findEnumerator(stackName, bucket, services.stacks);
  const isReady = present?.machine !== undefined && !isOutdated(present, pipeline);
  const change = isReady ? undefined : present ? 'update' : 'add';
  await confirm(ui, session, request, { change, isCounted: plan !== undefined && !plan.truncated });
  const machine = isReady ? present.machine : await deploy(ui, session, bucket);
  const filesPerSecond = scope.watch.last?.throughput?.filesPerSecond;
  const by = await operatorOf(ui, session);
  const planned = plan && !plan.truncated ? plan.files : undefined;
  const signed = { ...request, planned, ...(by !== undefined && { by }) };
  const meta = await startCloudEnqueue(signed, machine, pipeline, services, { filesPerSecond });
  log.info(`enqueue in the cloud: batch ${meta.batch}`);
  scope.enqueued();
  return meta;
}

/** @returns false where the bucket cannot be listed from the cloud and the user takes the editor's way or none */
async function canList(
  { vs }: BatchesContext,
  session: Session,
  request: EnqueueRequest,
  objects: number | undefined,
): Promise<boolean> {
  try {
    checkCloudRequest(request);
    checkCloudSize(request, objects);
    await checkCloudPlace(request, session, session.services);
    return true;
  } catch (error) {
    if (!(error instanceof MediaBatchError) || error.code !== 'cloud-enqueue-refused') throw error;
    const instead = vs.l10n.t('Enqueue from the Editor…');
    const { bucket, prefix } = request;
    if ((await vs.window.showWarningMessage(plainText(error.message), instead)) !== instead) return false;
    const row: ViewNode = { id: prefixUri(request), label: '', tokens: [], data: { bucket, prefix } };
    void vs.commands.executeCommand('mediaBatch.enqueuePrefix' satisfies CommandId, row);
    return false;
  }
}

async function confirm(
  { vs }: BatchesContext,
  session: Session,
  request: EnqueueRequest,
  { change, isCounted }: { readonly change: 'add' | 'update' | undefined; readonly isCounted: boolean },
): Promise<void> {
  const { t } = vs.l10n;
  const name = enumeratorName(session.stackName, request.bucket);
  const lines = [
    connectionLine(vs, session),
    '',
    {
      add: t(
        'Adds the stack "{0}": two state machines, a function, a log group and three roles, which may list this bucket, send to the work queue and count in the results table. Idle it costs nothing.',
        name,
      ),
      update: t(
        'Updates the stack "{0}" first: it was made by an older Media Batch, or for a queue or table that the pipeline no longer has. What it enqueues now goes on.',
        name,
      ),
      none: t('The bucket has its stack already.'),
    }[change ?? 'none'],
    t(
      'AWS: about {0} for each million objects listed, and about {1} for each million files on their way through the pipeline; Ittybit charges each file on top.',
      formatDollars(vs, estimateCloudCost(MILLION)),
      formatDollars(vs, estimateAwsCost(MILLION)),
    ),
    '',
    ...(isCounted ? [] : [t('Nothing is counted before: a run takes 50 million objects at most.')]),
    t('Files that are done or under way end as covered, unpaid.'),
    t('Restored copies of archived files are left out: AWS does not tell Step Functions of them.'),
  ];
  const question = plainText(t('Enqueue {0} in the cloud?', visibleText(prefixUri(request), 200)));
  const go = t('Enqueue in the Cloud');
  const options = { modal: true, detail: plainText(lines.join('\n')) };
  if ((await vs.window.showInformationMessage(question, options, go)) !== go) throw cancelled();
}

/** @returns the ARN of the state machine */
async function deploy(
  { vs, extensionUri }: BatchesContext,
  session: Session,
  bucket: string,
): Promise<string> {
  const { services, stackName } = session;
  const file = await vs.workspace.fs.readFile(vs.Uri.joinPath(extensionUri, 'dist', 'enumerator.yaml'));
  const request = { stackName, bucket, templateBody: new TextDecoder().decode(file) };
  const title = vs.l10n.t('Deploying "{0}"', enumeratorName(stackName, bucket));
  const made = await withCancel(vs, title, (progress, { signal }) =>
    deployEnumerator(request, services.stacks, {
      signal,
      onEvent: ({ logicalId, status }) => {
        progress.report({ message: visibleText(`${logicalId} ${status}`) });
      },
    }),
  );
  if (!made?.machine) throw cancelled();
  return made.machine;
}
