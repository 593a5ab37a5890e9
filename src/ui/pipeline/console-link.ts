import type { PipelineSnapshot } from '../../app/stack/pipeline-snapshot.ts';
import { InvalidInputError, MediaBatchError } from '../../core/errors.ts';
import { consoleAddress, type ConsoleThing } from '../../core/stack/console-address.ts';
import { OUTPUTS, RECONCILER_OUTPUTS } from '../../core/stack/stack-contract.ts';
import { visibleText } from '../../core/visible-text.ts';
import type { ViewNode } from '../base/node.ts';
import type { ScopeContext } from '../watch/scope-context.ts';

/** The data of a row with a page in the AWS console, for commands. */
export interface ConsoleData {
  readonly console: string;
}

/** What a row stands for, by its id; one of what a function does leads to the function's log. */
const ROWS: ReadonlyMap<string, ConsoleThing> = new Map([
  ['stack', 'stack'],
  ['stack with events', 'stack'],
  ['queue', 'workQueue'],
  ['dead-letters', 'deadLetterQueue'],
  ['dispatch', 'consumer'],
  ['reconciler', 'reconciler'],
  // The outputs, which are named as in the template.
  [`output ${OUTPUTS.workQueueUrl}`, 'workQueue'],
  [`output ${OUTPUTS.deadLetterQueueUrl}`, 'deadLetterQueue'],
  [`output ${OUTPUTS.resultsTable}`, 'results'],
  [`output ${OUTPUTS.consumerFunction}`, 'consumer'],
  [`output ${RECONCILER_OUTPUTS.reconcilerFunction}`, 'reconciler'],
]);

/** @returns the row with its page in the AWS console, where it has one */
export function withConsole(row: ViewNode, pipeline: PipelineSnapshot | undefined): ViewNode {
  const { stack, outputs } = pipeline ?? {};
  const stackId = outputs?.stackId ?? stack?.id;
  const thing = ROWS.get(row.id);
  const console = stackId && thing && consoleAddress({ ...outputs, stackId }, thing);
  if (!console) return row;
  return { ...row, tokens: [...row.tokens, 'console'], data: { ...(row.data as object), console } };
}

/**
 * "Open in AWS Console": opens a row's page in the browser, after the editor's own question.
 * @throws InvalidInputError without such a row; MediaBatchError `unsupported` where the stack is not at AWS
 */
export async function openConsoleCommand(
  { vs, scopes }: Pick<ScopeContext, 'vs' | 'scopes'>,
  node?: ViewNode,
): Promise<void> {
  const { t } = vs.l10n;
  const { console: address } = (node?.data ?? {}) as Partial<ConsoleData>;
  if (address === undefined) {
    throw new InvalidInputError('row', t('Choose a row of the Pipeline view that is in the AWS console.'));
  }
  const { endpoint } = scopes.present.place ?? {};
  if (endpoint !== undefined) {
    const where = visibleText(endpoint, 200);
    throw new MediaBatchError('unsupported', t('This stack is at {0}, which has no AWS console.', where));
  }
  // As a text: an address that went through a Uri has lost the encoding that the console's fragments need.
  await vs.commands.executeCommand('vscode.open', address);
}
