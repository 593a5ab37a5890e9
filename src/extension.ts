import * as vscode from 'vscode';
import { PipelineWatch } from './app/watch/watch.ts';
import { Lifetime } from './core/lifetime.ts';
import { allCommands } from './ui/all-commands.ts';
import { AwsConnection } from './ui/connection/aws-connection.ts';
import { watchAwsFiles } from './ui/connection/aws-files.ts';
import type { Cloud } from './ui/cloud.ts';
import { COMMAND_IDS } from './ui/command-ids.ts';
import { ContextKeyWriter } from './ui/context-keys.ts';
import { noticeDeadLetters } from './ui/views/dead-letter-notice.ts';
import { EnqueueRuns } from './ui/enqueue/enqueue-runs.ts';
import { registerCommand } from './ui/register-command.ts';
import { ResultDocuments } from './ui/views/result-document.ts';
import { resumeActivity } from './ui/stack/resume-activity.ts';
import { refreshMs } from './ui/settings.ts';
import { StackActivity } from './ui/stack/stack-activity.ts';
import { DeadLetterStatus } from './ui/views/status-bar.ts';
import type { UiContext } from './ui/ui-context.ts';
import { BatchesView } from './ui/views/batches-view.ts';
import { BucketsView } from './ui/views/buckets-view.ts';
import { DeadLettersView } from './ui/views/dead-letters-view.ts';
import { PipelineView } from './ui/views/pipeline-view.ts';
import { followWatch } from './ui/views/watch-context.ts';
import { ScopeHolder } from './ui/views/scope-holder.ts';

/** AWS's code is most of the extension: it is loaded when something first needs it. */
const aws = () => import('./aws/services.ts');

/** The composition root: makes the parts, connects them, and calls nobody. */
export function activate(context: vscode.ExtensionContext): void {
  const lifetime = new Lifetime();
  context.subscriptions.push(lifetime);

  const ui = makeContext(context, lifetime);
  const views = {
    pipeline: lifetime.use(new PipelineView(ui)),
    buckets: lifetime.use(new BucketsView(ui)),
    batches: lifetime.use(new BatchesView(ui)),
    deadLetters: lifetime.use(new DeadLettersView(ui)),
  };
  const documents = lifetime.use(new ResultDocuments(ui));
  lifetime.use(followWatch(ui));
  lifetime.use(new DeadLetterStatus(ui));
  lifetime.use(noticeDeadLetters(ui));
  lifetime.use(resumeActivity(ui));

  const commands = allCommands(ui, { ...views, documents, extensionId: context.extension.id });
  for (const id of COMMAND_IDS) lifetime.use(registerCommand(ui, id, commands[id]));
}

function makeContext(context: vscode.ExtensionContext, lifetime: Lifetime): UiContext {
  const log = lifetime.use(vscode.window.createOutputChannel('Media Batch', { log: true }));
  const contextKeys = new ContextKeyWriter(vscode);
  const cloud: Cloud = {
    connect: async (target) => (await aws()).createServices(target),
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
    connection,
    scopes,
    contextKeys,
    enqueues: new EnqueueRuns(),
    activity: new StackActivity(),
    extensionUri: context.extensionUri,
    memory: { workspace: context.workspaceState, global: context.globalState },
  };
}
