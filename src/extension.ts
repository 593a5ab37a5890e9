import * as vscode from 'vscode';
import { PipelineWatch } from './app/watch/watch.ts';
import { messageOf } from './core/errors.ts';
import { Lifetime } from './core/lifetime.ts';
import { createJobsApi } from './ittybit/jobs-api.ts';
import { allCommands } from './ui/all-commands.ts';
import { AwsConnection } from './ui/connection/aws-connection.ts';
import { watchAwsFiles } from './ui/connection/aws-files.ts';
import type { Cloud } from './ui/base/cloud.ts';
import { COMMAND_IDS } from './ui/base/command-ids.ts';
import { ContextKeyWriter } from './ui/base/context-keys.ts';
import { noticeDeadLetters } from './ui/failures/dead-letter-notice.ts';
import { noticeEnds } from './ui/batches/end-notice.ts';
import { noticeInterrupted } from './ui/batches/interrupted-notice.ts';
import { noticeHolds } from './ui/batches/hold-notice.ts';
import { EnqueueRuns } from './ui/batches/enqueue-runs.ts';
import { oneLineLog } from './ui/base/one-line-log.ts';
import { registerCommand } from './ui/base/register-command.ts';
import { ResultDocuments } from './ui/batches/result-document.ts';
import { showJobLens } from './ui/enqueue/job-lens.ts';
import { noticePauses } from './ui/pipeline/pause-notice.ts';
import { resumeWatching } from './ui/pipeline/resume-watching.ts';
import { refreshMs } from './ui/base/settings.ts';
import { ShownOperations } from './ui/watch/shown-operation.ts';
import { DeadLetterStatus } from './ui/failures/status-bar.ts';
import type { BatchesContext } from './ui/batches/batches-context.ts';
import { BatchStatus } from './ui/batches/batch-status.ts';
import { BatchesView } from './ui/batches/batches-view.ts';
import { BucketsView } from './ui/buckets/buckets-view.ts';
import { FailuresView } from './ui/failures/failures-view.ts';
import { PipelineView } from './ui/pipeline/pipeline-view.ts';
import { followWatch } from './ui/watch/watch-context.ts';
import { ScopeHolder } from './ui/watch/scope-holder.ts';

/** The AWS code is most of the extension, so it is loaded on first use. */
const aws = () => import('./aws/services.ts');

/** The composition root makes the parts and connects them. It sends no request. */
export function activate(context: vscode.ExtensionContext): void {
  const lifetime = new Lifetime();
  context.subscriptions.push(lifetime);

  const ui = makeContext(context, lifetime);
  const views = {
    pipeline: lifetime.use(new PipelineView(ui)),
    buckets: lifetime.use(new BucketsView(ui)),
    batches: lifetime.use(new BatchesView(ui)),
    failures: lifetime.use(new FailuresView(ui)),
  };
  const documents = lifetime.use(new ResultDocuments(ui));
  lifetime.use(followWatch(ui));
  const progress = lifetime.use(new BatchStatus(ui));
  lifetime.use(new DeadLetterStatus(ui, views.failures.leftOutCount));
  lifetime.use(noticeDeadLetters(ui));
  lifetime.use(noticeHolds(ui));
  lifetime.use(noticeEnds(ui));
  lifetime.use(noticeInterrupted(ui));
  lifetime.use(noticePauses(ui));
  lifetime.use(resumeWatching(ui));
  lifetime.use(showJobLens(ui));

  const commands = allCommands(ui, { ...views, progress, documents, extensionId: context.extension.id });
  for (const id of COMMAND_IDS) lifetime.use(registerCommand(ui, id, commands[id]));
}

function makeContext(context: vscode.ExtensionContext, lifetime: Lifetime): BatchesContext {
  const log = oneLineLog(lifetime.use(vscode.window.createOutputChannel('Media Batch', { log: true })));
  const contextKeys = new ContextKeyWriter(vscode);
  const built = (name: string): string => vscode.Uri.joinPath(context.extensionUri, 'dist', name).fsPath;
  const onLost = (cause: unknown): void => {
    log.warn(`A worker thread has ended, and its work goes on without it: ${messageOf(cause)}`);
  };
  const threads = () => ({ enqueue: built('enqueue-thread.cjs'), send: built('send-thread.cjs'), onLost });
  const cloud: Cloud = {
    connect: async (target) => (await aws()).createServices(target, threads()),
    profiles: async () => (await aws()).readProfiles(),
    files: async () => (await aws()).configFiles(),
    profileDefaults: async (profile) => (await aws()).profileDefaults(profile),
  };
  const connection = lifetime.use(
    new AwsConnection({
      vs: vscode,
      log,
      cloud,
      contextKeys,
      watchFiles: (listener) => watchAwsFiles({ vs: vscode, cloud, log }, listener),
    }),
  );
  const pace = {
    get busyMs() {
      return refreshMs(vscode);
    },
  };
  const scopes = lifetime.use(new ScopeHolder(connection, (read) => new PipelineWatch({ read, pace })));
  return {
    vs: vscode,
    log,
    cloud,
    openIttybit: createJobsApi,
    connection,
    scopes,
    contextKeys,
    enqueues: new EnqueueRuns(),
    operations: new ShownOperations(),
    extensionUri: context.extensionUri,
    memory: { workspace: context.workspaceState, global: context.globalState },
  };
}
