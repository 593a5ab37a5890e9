import { DeployError, InvalidInputError } from '../../core/errors.ts';
import type { Stack, StackService } from '../../core/stack/stack-service.ts';
import { OUTPUTS, type StackParameters } from '../../core/stack/stack-contract.ts';
import type { Table, TableService } from '../../core/stack/table-service.ts';
import { TABLE_KEYS } from '../../core/batch/table-keys.ts';

const PARAMETER = 'ExistingResultsTable';

export interface TakeoverServices {
  readonly stacks: StackService;
  readonly tables: TableService;
}

/**
 * Checks that a new stack can go on with an existing results table: it is there and fits, and no living stack works
 * with it. Two stacks would reconcile the same files.
 * @throws DeployError `table-in-use` with the name of the stack that owns the table, InvalidInputError for a table that
 * is missing or does not fit, AwsError
 */
export async function checkTakeover(
  table: string,
  stackName: string,
  { stacks, tables }: TakeoverServices,
  signal?: AbortSignal,
): Promise<void> {
  checkFits(table, await tables.describe(table, signal));
  const owner = await ownerOf(table, stackName, stacks, signal);
  if (owner === undefined) return;
  const { name, status } = owner;
  throw new DeployError(
    'table-in-use',
    name,
    status === 'DELETE_IN_PROGRESS'
      ? `The stack "${name}", which owns the table "${table}", is being deleted: deploy again when it is gone.`
      : `The table "${table}" belongs to the stack "${name}" (${status}): work with that stack, or delete it first. Its table stays.`,
  );
}

/**
 * A stack keeps its table: another one would leave its results behind.
 * @throws InvalidInputError where the parameters name another table than the stack has
 */
export function checkKeepsTable(stack: Stack, { [PARAMETER]: wanted }: StackParameters): void {
  if (wanted === undefined || wanted === (stack.parameters[PARAMETER] ?? '')) return;
  throw new InvalidInputError(
    PARAMETER,
    'A stack keeps its results table: only a new stack can take over the table of a deleted one.',
  );
}

function checkFits(name: string, table: Table | undefined): void {
  const problem = problemOf(table);
  if (problem !== undefined) throw new InvalidInputError(PARAMETER, `The table "${name}" ${problem}`);
}

function problemOf(table: Table | undefined): string | undefined {
  if (!table) return 'does not exist here: check its name, the region and the profile.';
  const { pk, sk, indexName, indexPk, indexSk } = TABLE_KEYS;
  const index = table.indexes.find(({ name }) => name === indexName);
  const fits = isKeyed(table.keys, [pk, sk]) && isKeyed(index?.keys ?? [], [indexPk, indexSk]);
  if (!fits) return 'is no results table of Media Batch: choose the one that a deleted stack has left.';
  const status = [table.status, index?.status].find((each) => each !== undefined && each !== 'ACTIVE');
  return status === undefined ? undefined : `is not ready (${status}): deploy again when it is active.`;
}

function isKeyed(keys: readonly string[], wanted: readonly string[]): boolean {
  return keys.length === wanted.length && keys.every((key, i) => key === wanted[i]);
}

interface LivingStack {
  readonly name: string;
  readonly status: string;
}

/** The stack that made the table, or one that has taken it over. */
async function ownerOf(
  table: string,
  stackName: string,
  stacks: StackService,
  signal: AbortSignal | undefined,
): Promise<LivingStack | undefined> {
  const maker = await stacks.ownerOf(table, signal);
  const made = maker && (await stacks.describe(maker.id, signal));
  if (maker && made && isAlive(made.status)) return { name: maker.name, status: made.status };
  for (const { name } of await stacks.list(signal)) {
    // What is there of the new stack itself is its unexecuted change set.
    if (name === stackName) continue;
    const stack = await stacks.describe(name, signal);
    if (stack && isAlive(stack.status) && usesTable(stack, table)) return { name, status: stack.status };
  }
  return undefined;
}

/** A stack in review has nothing yet, and of one that was rolled back after its creation nothing is left. */
function isAlive(status: string): boolean {
  return !/^(DELETE_COMPLETE|REVIEW_IN_PROGRESS|ROLLBACK_COMPLETE)$/.test(status);
}

function usesTable({ outputs, parameters }: Stack, table: string): boolean {
  return outputs[OUTPUTS.resultsTable] === table || parameters[PARAMETER] === table;
}
