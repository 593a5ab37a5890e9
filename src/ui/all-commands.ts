import { cancelStackUpdateCommand } from './commands/cancel-stack-update.ts';
import { continueRollbackCommand } from './commands/continue-rollback.ts';
import { openDeadLetterCommand, showDeadLettersCommand } from './commands/dead-letter-commands.ts';
import { deletePipelineCommand } from './commands/delete-pipeline.ts';
import { deployPipelineCommand } from './commands/deploy-pipeline.ts';
import { enqueuePrefixCommand } from './commands/enqueue-prefix.ts';
import { filterBatchesCommand } from './commands/filter-batches.ts';
import { clearPrefixFilterCommand, filterPrefixCommand } from './commands/filter-prefix.ts';
import { logInCommand } from './commands/log-in.ts';
import {
  copyValueCommand,
  loadMoreCommand,
  openWalkthroughCommand,
  refreshCommand,
  reloadNodeCommand,
  retryCommand,
} from './commands/node-commands.ts';
import { pinLocationCommand } from './commands/pin-location.ts';
import { redriveAllCommand } from './commands/redrive-all.ts';
import {
  copyJobIdCommand,
  openOutputCommand,
  openResultCommand,
  revealSourceCommand,
} from './commands/result-commands.ts';
import { resumeEnqueueCommand } from './commands/resume-enqueue.ts';
import { selectProfileCommand } from './commands/select-profile.ts';
import { selectRegionCommand } from './commands/select-region.ts';
import { selectStackCommand } from './commands/select-stack.ts';
import { setApiKeyCommand } from './commands/set-api-key.ts';
import { stopEnqueueCommand } from './commands/stop-enqueue.ts';
import { pauseDispatchCommand, resumeDispatchCommand } from './commands/switch-dispatch.ts';
import { tuneThroughputCommand } from './commands/tune-throughput.ts';
import { unpinLocationCommand } from './commands/unpin-location.ts';
import type { CommandId } from './command-ids.ts';
import type { ResultDocuments } from './views/result-document.ts';
import type { UiContext } from './ui-context.ts';
import type { BatchesView } from './views/batches-view.ts';
import type { BucketsView } from './views/buckets-view.ts';
import type { DeadLettersView } from './views/dead-letters-view.ts';
import type { ViewNode } from './views/node.ts';
import type { PipelineView } from './views/pipeline-view.ts';

/** What commands work on besides the context. */
export interface Shown {
  readonly pipeline: PipelineView;
  readonly buckets: BucketsView;
  readonly batches: BatchesView;
  readonly deadLetters: DeadLettersView;
  readonly documents: ResultDocuments;
  /** `publisher.name` */
  readonly extensionId: string;
}

type Run = (node?: ViewNode) => Promise<void> | void;

/** @returns what each command does */
export function allCommands(ui: UiContext, shown: Shown): Readonly<Record<CommandId, Run>> {
  const { buckets, batches, deadLetters, documents, extensionId } = shown;
  const views = [shown.pipeline, buckets, batches, deadLetters];
  return {
    'mediaBatch.selectProfile': () => selectProfileCommand(ui),
    'mediaBatch.selectRegion': () => selectRegionCommand(ui),
    'mediaBatch.selectStack': () => selectStackCommand(ui),
    'mediaBatch.logIn': () => logInCommand(ui),
    'mediaBatch.refresh': () => refreshCommand(ui, views),
    'mediaBatch.reloadNode': (node) => {
      reloadNodeCommand(views, node);
    },
    'mediaBatch.retry': (node) => {
      retryCommand(ui, views, node);
    },
    'mediaBatch.loadMore': (node) => loadMoreCommand(views, node),
    'mediaBatch.copyValue': (node) => copyValueCommand(ui, node),
    'mediaBatch.deployPipeline': () => deployPipelineCommand(ui),
    'mediaBatch.cancelStackUpdate': () => cancelStackUpdateCommand(ui),
    'mediaBatch.continueRollback': () => continueRollbackCommand(ui),
    'mediaBatch.deletePipeline': () => deletePipelineCommand(ui),
    'mediaBatch.setApiKey': () => setApiKeyCommand(ui),
    'mediaBatch.pauseDispatch': () => pauseDispatchCommand(ui),
    'mediaBatch.resumeDispatch': () => resumeDispatchCommand(ui),
    'mediaBatch.tuneThroughput': () => tuneThroughputCommand(ui),
    'mediaBatch.enqueuePrefix': (node) => enqueuePrefixCommand(ui, node),
    'mediaBatch.stopEnqueue': (node) => stopEnqueueCommand(ui, node),
    'mediaBatch.resumeEnqueue': (node) => resumeEnqueueCommand(ui, node),
    'mediaBatch.pinLocation': (node) => pinLocationCommand(ui, node),
    'mediaBatch.unpinLocation': (node) => unpinLocationCommand(ui, node),
    'mediaBatch.filterPrefix': (node) => filterPrefixCommand(ui, buckets, node),
    'mediaBatch.clearPrefixFilter': (node) => {
      clearPrefixFilterCommand(buckets, node);
    },
    'mediaBatch.filterBatches': () => filterBatchesCommand(ui, batches),
    'mediaBatch.clearBatchFilter': () => {
      batches.setFilter(undefined);
    },
    'mediaBatch.openResult': (node) => openResultCommand(ui, documents, node),
    'mediaBatch.openOutput': (node) => openOutputCommand(ui, node),
    'mediaBatch.copyJobId': (node) => copyJobIdCommand(ui, node),
    'mediaBatch.revealSource': (node) =>
      revealSourceCommand(ui, (location) => buckets.reveal(location), node),
    'mediaBatch.showDeadLetters': () => showDeadLettersCommand(ui),
    'mediaBatch.openDeadLetter': (node) => openDeadLetterCommand(ui, documents, node),
    'mediaBatch.redriveAll': () => redriveAllCommand(ui, deadLetters.groups),
    'mediaBatch.openWalkthrough': () => openWalkthroughCommand(ui, extensionId),
    'mediaBatch.showLog': () => {
      ui.log.show();
    },
  };
}
