import * as vscode from 'vscode';
import { Lifetime } from './core/lifetime.ts';
import type { Cloud } from './ui/cloud.ts';
import { COMMAND_IDS, type CommandId } from './ui/command-ids.ts';
import { deployPipelineCommand } from './ui/commands/deploy-pipeline.ts';
import { setApiKeyCommand } from './ui/commands/set-api-key.ts';
import { registerCommand } from './ui/register-command.ts';
import type { UiContext } from './ui/ui-context.ts';

/** AWS's code is most of the extension: it is loaded when a command first needs it. */
const aws = () => import('./aws/services.ts');

/** The composition root: makes the parts, connects them, and calls nobody. */
export function activate(context: vscode.ExtensionContext): void {
  const lifetime = new Lifetime();
  context.subscriptions.push(lifetime);

  const log = lifetime.use(vscode.window.createOutputChannel('Media Batch', { log: true }));
  const cloud: Cloud = {
    connect: async (target) => (await aws()).createServices(target),
    profileDefaults: async (profile) => (await aws()).profileDefaults(profile),
  };
  const ui: UiContext = { vs: vscode, log, cloud, extensionUri: context.extensionUri };

  const commands: Record<CommandId, () => Promise<void> | void> = {
    'mediaBatch.deployPipeline': () => deployPipelineCommand(ui),
    'mediaBatch.setApiKey': () => setApiKeyCommand(ui),
    'mediaBatch.showLog': () => {
      log.show();
    },
  };
  for (const id of COMMAND_IDS) lifetime.use(registerCommand(ui, id, commands[id]));
}
