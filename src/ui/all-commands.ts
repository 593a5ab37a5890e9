import { cancelBatchCommand } from './batches/cancel-batch.ts';
import { cancelStackUpdateCommand } from './pipeline/cancel-stack-update.ts';
import { openConsoleCommand } from './pipeline/console-link.ts';
import { continueRollbackCommand } from './pipeline/continue-rollback.ts';
import { openDeadLetterCommand, showDeadLettersCommand } from './failures/dead-letter-commands.ts';
import { deleteRecordsCommand } from './batches/delete-records.ts';
import { deletePipelineCommand } from './pipeline/delete-pipeline.ts';
import { deployPipelineCommand } from './pipeline/deploy-pipeline.ts';
import { enqueueAgainCommand } from './enqueue/enqueue-again.ts';
import { enqueueFileCommand } from './enqueue/enqueue-file.ts';
import { enqueueFromFileCommand } from './enqueue/enqueue-from-file.ts';
import { enqueueInCloudCommand } from './enqueue/enqueue-in-cloud.ts';
import {
  pauseCloudEnqueueCommand,
  removeCloudEnqueueCommand,
  resumeCloudEnqueueCommand,
  setCloudPaceCommand,
} from './pipeline/cloud-commands.ts';
import { enqueueMissingCommand } from './enqueue/enqueue-missing.ts';
import { enqueuePrefixCommand } from './enqueue/enqueue-prefix.ts';
import { enqueueRestCommand } from './enqueue/enqueue-rest.ts';
import { enqueueWithJobCommand } from './enqueue/enqueue-with-job.ts';
import { filterBatchesCommand } from './batches/filter-batches.ts';
import { clearPrefixFilterCommand, filterPrefixCommand } from './buckets/filter-prefix.ts';
import { findFileCommand } from './batches/find-file.ts';
import { giveUpJobCommand } from './batches/give-up-job.ts';
import { holdBatchCommand, resumeBatchCommand } from './batches/hold-batch.ts';
import { logInCommand } from './connection/log-in.ts';
import {
  copyKeyCommand,
  copyValueCommand,
  loadMoreCommand,
  openWalkthroughCommand,
  readAgainCommand,
  refreshCommand,
} from './watch/node-commands.ts';
import {
  filterFilesCommand,
  loadAllCommand,
  showNewCommand,
  sortFilesCommand,
} from './watch/list-commands.ts';
import { pinLocationCommand, pinRowCommand } from './buckets/pin-location.ts';
import { exportFailuresCommand } from './failures/export-failures.ts';
import { copyKeysCommand, openResultsCommand } from './failures/failure-commands.ts';
import { leaveOutCommand, takeInCommand } from './failures/leave-out.ts';
import { redriveAllCommand } from './failures/redrive-all.ts';
import { retryAllCommand, retryFilesCommand } from './failures/retry-files.ts';
import {
  copyJobIdCommand,
  openOutputCommand,
  openResultCommand,
  revealSourceCommand,
} from './batches/result-commands.ts';
import { renameBatchCommand } from './batches/rename-batch.ts';
import { reconcileNowCommand } from './pipeline/reconcile-now.ts';
import { resendFilesCommand } from './enqueue/resend-files.ts';
import { resumeEnqueueCommand } from './enqueue/resume-enqueue.ts';
import { selectProfileCommand } from './connection/select-profile.ts';
import { selectRegionCommand } from './connection/select-region.ts';
import { selectStackCommand } from './connection/select-stack.ts';
import { setApiKeyCommand } from './pipeline/set-api-key.ts';
import { rotateSigningKeyCommand } from './pipeline/rotate-signing-key.ts';
import { stopEnqueueCommand } from './enqueue/stop-enqueue.ts';
import { pauseDispatchCommand, resumeDispatchCommand } from './pipeline/switch-dispatch.ts';
import { tuneThroughputCommand } from './pipeline/tune-throughput.ts';
import { unpinLocationCommand } from './buckets/unpin-location.ts';
import type { S3Location } from '../core/files/s3-location.ts';
import type { CommandId } from './base/command-ids.ts';
import type { ResultDocuments } from './batches/result-document.ts';
import type { BatchesContext } from './batches/batches-context.ts';
import type { BatchStatus } from './batches/batch-status.ts';
import type { BatchesView } from './batches/batches-view.ts';
import type { BucketsView } from './buckets/buckets-view.ts';
import type { FailuresView } from './failures/failures-view.ts';
import type { ViewNode } from './base/node.ts';
import type { PipelineView } from './pipeline/pipeline-view.ts';

/** The views and documents that commands work on, besides the context. */
export interface Shown {
  readonly pipeline: PipelineView;
  readonly buckets: BucketsView;
  readonly batches: BatchesView;
  readonly failures: FailuresView;
  readonly progress: BatchStatus;
  readonly documents: ResultDocuments;
  /** `publisher.name` */
  readonly extensionId: string;
}

type Run = (node?: ViewNode, selected?: readonly ViewNode[]) => Promise<void> | void;

/** @returns the function of each command */
export function allCommands(ui: BatchesContext, shown: Shown): Readonly<Record<CommandId, Run>> {
  const { buckets, batches, failures, documents, extensionId } = shown;
  const views = [shown.pipeline, buckets, batches, failures];
  const revealSource = (location: S3Location): Promise<void> => buckets.reveal(location);
  const foundPlaces = { documents, revealSource, revealBatch: (batch: string) => batches.reveal(batch) };
  return {
    ...stackCommands(ui),
    ...batchCommands(ui, batches),
    ...cloudCommands(ui),
    'mediaBatch.selectProfile': () => selectProfileCommand(ui),
    'mediaBatch.selectRegion': () => selectRegionCommand(ui),
    'mediaBatch.selectStack': () => selectStackCommand(ui),
    'mediaBatch.logIn': () => logInCommand(ui),
    'mediaBatch.refresh': () => refreshCommand(ui, views),
    'mediaBatch.readAgain': (node) => {
      readAgainCommand(ui, views, node);
    },
    'mediaBatch.loadMore': (node) => loadMoreCommand(views, node),
    ...listCommands(ui, shown),
    'mediaBatch.copyValue': (node) => copyValueCommand(ui, node),
    // The value of a batch's row is its id, and that of an object its address.
    'mediaBatch.copyBatchId': (node) => copyValueCommand(ui, node),
    'mediaBatch.copyAddress': (node) => copyValueCommand(ui, node),
    'mediaBatch.copyKey': (node) => copyKeyCommand(ui, node),
    'mediaBatch.pinLocation': (node) => pinLocationCommand(ui, node),
    'mediaBatch.pinRow': (node) => pinRowCommand(ui, node),
    'mediaBatch.unpinLocation': (node) => unpinLocationCommand(ui, node),
    'mediaBatch.filterPrefix': (node) => filterPrefixCommand(ui, buckets, node),
    'mediaBatch.clearPrefixFilter': (node) => {
      clearPrefixFilterCommand(buckets, node);
    },
    'mediaBatch.findFile': (node) => findFileCommand(ui, foundPlaces, node),
    'mediaBatch.deleteRecords': (node) =>
      deleteRecordsCommand(
        ui,
        () => {
          batches.refresh();
        },
        node,
      ),
    'mediaBatch.filterBatches': () => filterBatchesCommand(ui, batches),
    'mediaBatch.clearBatchFilter': () => {
      batches.setFilter(undefined);
    },
    'mediaBatch.openResult': (node) => openResultCommand(ui, documents, node),
    'mediaBatch.openOutput': (node) => openOutputCommand(ui, node),
    'mediaBatch.copyJobId': (node) => copyJobIdCommand(ui, node),
    'mediaBatch.giveUpJob': (node) => giveUpJobCommand(ui, node),
    'mediaBatch.revealSource': (node) => revealSourceCommand(ui, revealSource, node),
    'mediaBatch.showProgress': () => shown.progress.open(),
    ...failureCommands(ui, shown),
    'mediaBatch.openWalkthrough': () => openWalkthroughCommand(ui, extensionId),
    'mediaBatch.showLog': () => {
      ui.log.show();
    },
  };
}

type Commands = Readonly<Partial<Record<CommandId, Run>>>;

/** What is done to the stack as a whole. */
function stackCommands(ui: BatchesContext) {
  return {
    'mediaBatch.deployPipeline': () => deployPipelineCommand(ui),
    'mediaBatch.cancelStackUpdate': () => cancelStackUpdateCommand(ui),
    'mediaBatch.continueRollback': () => continueRollbackCommand(ui),
    'mediaBatch.deletePipeline': () => deletePipelineCommand(ui),
    'mediaBatch.setApiKey': () => setApiKeyCommand(ui),
    'mediaBatch.rotateSigningKey': () => rotateSigningKeyCommand(ui),
    'mediaBatch.pauseDispatch': () => pauseDispatchCommand(ui),
    'mediaBatch.resumeDispatch': () => resumeDispatchCommand(ui),
    'mediaBatch.tuneThroughput': () => tuneThroughputCommand(ui),
    'mediaBatch.reconcileNow': (node) => reconcileNowCommand(ui, node),
    'mediaBatch.openConsole': (node) => openConsoleCommand(ui, node),
  } satisfies Commands;
}

/** What is done to batches. */
function batchCommands(ui: BatchesContext, batches: BatchesView) {
  return {
    'mediaBatch.enqueuePrefix': (node) => enqueuePrefixCommand(ui, node),
    'mediaBatch.enqueueFile': (node) => enqueueFileCommand(ui, node),
    'mediaBatch.enqueueFromFile': (given) => enqueueFromFileCommand(ui, given),
    'mediaBatch.enqueueWithJob': (given, at) => enqueueWithJobCommand(ui, given, at),
    'mediaBatch.enqueueAgain': (node) => enqueueAgainCommand(ui, node),
    'mediaBatch.renameBatch': (node) => renameBatchCommand(ui, batches, node),
    'mediaBatch.stopEnqueue': (node) => stopEnqueueCommand(ui, node),
    'mediaBatch.resumeEnqueue': (node) => resumeEnqueueCommand(ui, node),
    'mediaBatch.enqueueMissing': (node) => enqueueMissingCommand(ui, node),
    'mediaBatch.resendFiles': (node) => resendFilesCommand(ui, node),
    'mediaBatch.enqueueRest': (node) => enqueueRestCommand(ui, node),
    'mediaBatch.cancelBatch': (node) => cancelBatchCommand(ui, node),
    'mediaBatch.holdBatch': (node) => holdBatchCommand(ui, node),
    'mediaBatch.resumeBatch': (node) => resumeBatchCommand(ui, node),
    'mediaBatch.resumeBatchAnyway': (node) => resumeBatchCommand(ui, node),
  } satisfies Commands;
}

/** The commands for lists of files that stand. */
function listCommands(ui: BatchesContext, { batches, failures }: Shown) {
  const views = [batches, failures];
  return {
    'mediaBatch.loadAll': (node?: ViewNode) => loadAllCommand(ui, views, node),
    'mediaBatch.showNew': (node?: ViewNode) => {
      showNewCommand(views, node);
    },
    'mediaBatch.sortFiles': (node?: ViewNode) => sortFilesCommand(ui, views, node),
    'mediaBatch.filterFiles': (node?: ViewNode) => filterFilesCommand(ui, views, node),
  } satisfies Commands;
}

/** What is enqueued by Step Functions. */
function cloudCommands(ui: BatchesContext) {
  return {
    'mediaBatch.enqueueInCloud': (node) => enqueueInCloudCommand(ui, node),
    'mediaBatch.pauseCloudEnqueue': (node) => pauseCloudEnqueueCommand(ui, node),
    'mediaBatch.resumeCloudEnqueue': (node) => resumeCloudEnqueueCommand(ui, node),
    'mediaBatch.setCloudPace': (node) => setCloudPaceCommand(ui, node),
    'mediaBatch.removeCloudEnqueue': (node) => removeCloudEnqueueCommand(ui, node),
  } satisfies Commands;
}

/** The commands of the Failures view. */
function failureCommands(ui: BatchesContext, { failures, documents }: Shown) {
  return {
    'mediaBatch.showDeadLetters': () => showDeadLettersCommand(ui),
    'mediaBatch.openDeadLetter': (node?: ViewNode) => openDeadLetterCommand(ui, documents, node),
    'mediaBatch.redriveAll': () => redriveAllCommand(ui, failures),
    'mediaBatch.retryAll': () => retryAllCommand(ui, failures),
    'mediaBatch.retryFiles': (node?: ViewNode, selected?: readonly ViewNode[]) =>
      retryFilesCommand(ui, failures, node, selected),
    'mediaBatch.leaveOut': (node?: ViewNode, selected?: readonly ViewNode[]) =>
      leaveOutCommand(ui, failures, node, selected),
    'mediaBatch.takeIn': (node?: ViewNode, selected?: readonly ViewNode[]) =>
      takeInCommand(ui, failures, node, selected),
    'mediaBatch.copyKeys': (node?: ViewNode, selected?: readonly ViewNode[]) =>
      copyKeysCommand(ui, node, selected),
    'mediaBatch.openResults': (node?: ViewNode, selected?: readonly ViewNode[]) =>
      openResultsCommand(ui, documents, node, selected),
    'mediaBatch.exportFailures': (node?: ViewNode, selected?: readonly ViewNode[]) =>
      exportFailuresCommand(ui, failures, node, selected),
    // The editor gives a title button the selected row, which is not what it stands for.
    'mediaBatch.exportAll': () => exportFailuresCommand(ui, failures),
  } satisfies Commands;
}
