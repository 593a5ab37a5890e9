import type { Disposable } from '../../core/lifetime.ts';
import { InvalidInputError } from '../../core/errors.ts';
import type { ScopeContext } from './scope-context.ts';
import type { ViewNode } from '../base/node.ts';
import type { NodeTree } from '../base/node-tree.ts';

/** A view, as the commands for all views use it. */
export interface NodeView extends Disposable {
  readonly tree: NodeTree;
  /** reads everything again */
  refresh(): void;
  /** reads a row's children again; without it, the tree asks for them again */
  reload?(node: ViewNode): void;
  /** shows one more page of the level whose last row this is */
  loadMore?(node: ViewNode): Promise<void> | void;
}

/** "Refresh": reads every view and the shared poll again, and replaces a failed connection. */
export async function refreshCommand(
  ui: Pick<ScopeContext, 'connection' | 'scopes'>,
  views: readonly NodeView[],
): Promise<void> {
  const { kind } = ui.connection.state;
  if (kind !== 'ready') ui.connection.reset();
  for (const view of views) view.refresh();
  await ui.scopes.present.refresh();
}

/** "Read Again": the children of a row; for an error row, the level that it stands for. */
export function readAgainCommand(
  { connection }: Pick<ScopeContext, 'connection'>,
  views: readonly NodeView[],
  node?: ViewNode,
): void {
  const view = viewOf(views, node);
  if (!node || !view) return;
  if (node.tokens.includes('error')) {
    if (connection.state.kind !== 'ready') connection.reset();
    view.tree.readLevelAgain(node);
  } else if (view.reload) view.reload(node);
  else view.tree.refresh(node);
}

/** "Load More": shows one more page of the level whose last row this is. */
export async function loadMoreCommand(views: readonly NodeView[], node?: ViewNode): Promise<void> {
  if (node) await viewOf(views, node)?.loadMore?.(node);
}

/** The walkthrough's steps that a state ticks, as their completion events name it (package.json). */
const TICKED_BY = {
  profile: ['mediaBatch.connection', 'ready'],
  deploy: ['mediaBatch.stack', 'present'],
  key: ['mediaBatch.keyStored', true],
  enqueue: ['mediaBatch.hasBatches', true],
  watch: ['mediaBatch.hasResults', true],
} as const;

/**
 * "Get Started": opens the walkthrough of this extension, and reads what its steps are ticked by, so that it shows how things
 * are: with no view open, nothing else reads it.
 * @param extensionId `publisher.name`
 */
export async function openWalkthroughCommand(
  { vs, scopes, contextKeys }: Pick<ScopeContext, 'vs' | 'scopes' | 'contextKeys'>,
  extensionId: string,
): Promise<void> {
  await vs.commands.executeCommand('workbench.action.openWalkthrough', `${extensionId}#start`, false);
  const { watch } = scopes.present;
  const demands = (['pipeline', 'batches'] as const).map((part) => watch.demand(part));
  try {
    await watch.refresh();
  } finally {
    for (const demand of demands) demand.dispose();
  }
  // The editor ticks a step by a change that it sees, and sees none that came before it knew the steps.
  for (const [step, [key, value]] of Object.entries(TICKED_BY)) {
    if (contextKeys.get(key) === value)
      await vs.commands.executeCommand('welcome.markStepComplete', `${extensionId}#start#${step}`);
  }
}

/** "Copy Value": copies the row's value, unchanged. */
export async function copyValueCommand({ vs }: Pick<ScopeContext, 'vs'>, node?: ViewNode): Promise<void> {
  const { value } = (node?.data ?? {}) as { value?: unknown };
  if (typeof value !== 'string') {
    throw new InvalidInputError('value', vs.l10n.t('Choose a row with a value for this.'));
  }
  await vs.env.clipboard.writeText(value);
}

/** "Copy Key": copies the key of a row's object, unchanged. */
export async function copyKeyCommand({ vs }: Pick<ScopeContext, 'vs'>, node?: ViewNode): Promise<void> {
  const data = (node?.data ?? {}) as { key?: unknown; item?: { key?: unknown } };
  const key = data.key ?? data.item?.key;
  if (typeof key !== 'string')
    throw new InvalidInputError('key', vs.l10n.t('Choose a row of an object for this.'));
  await vs.env.clipboard.writeText(key);
}

/** Finds the view of a row by its object, as two views may have rows with the same id. */
export function viewOf<View extends NodeView>(
  views: readonly View[],
  node: ViewNode | undefined,
): View | undefined {
  return node && views.find(({ tree }) => tree.find(node.id) === node);
}
