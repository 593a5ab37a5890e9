import type { Session } from '../connection/session.ts';
import type { StackOperation } from './stack-operation.ts';
import type { ScopeContext } from '../watch/scope-context.ts';

const KEY = 'mediaBatch.stackOperation';
const KINDS: readonly StackOperation['kind'][] = ['deploy', 'cancel', 'rollback', 'delete'];

/** A stack operation that this window was watching and whose end it has not seen. */
export interface RememberedOperation
  extends
    Pick<StackOperation, 'stackName' | 'stackId' | 'resultsTable' | 'takesOver' | 'paused' | 'kind'>,
    Pick<Session, 'account' | 'region' | 'endpoint'> {
  /** epoch ms */
  readonly startedAt: number;
  /** `pausing`: dispatch was paused, but AWS had not begun the update */
  readonly phase: 'pausing' | 'begun';
}

/** Keeps an operation in the workspace's memory, which survives a reload of the window. */
export function rememberOperation(
  { memory }: Pick<ScopeContext, 'memory'>,
  { account, region, endpoint }: Session,
  { stackName, stackId, resultsTable, takesOver, paused, kind }: StackOperation,
  phase: RememberedOperation['phase'] = 'begun',
): void {
  const operation: RememberedOperation = {
    stackName,
    stackId,
    resultsTable,
    takesOver,
    paused,
    kind,
    account,
    region,
    endpoint,
    startedAt: Date.now(),
    phase,
  };
  void memory.workspace.update(KEY, operation);
}

/** Forgets the operation: it has ended, or the user has stopped watching. */
export function forgetOperation({ memory }: Pick<ScopeContext, 'memory'>): void {
  void memory.workspace.update(KEY, undefined);
}

/** @returns undefined where no operation is stored, or where the stored value has another shape */
export function rememberedOperation({
  memory,
}: Pick<ScopeContext, 'memory'>): RememberedOperation | undefined {
  const stored = memory.workspace.get<unknown>(KEY);
  return isRemembered(stored) ? stored : undefined;
}

function isRemembered(stored: unknown): stored is RememberedOperation {
  if (typeof stored !== 'object' || stored === null) return false;
  const { stackName, startedAt, kind, phase, stackId, resultsTable, takesOver } = stored as Partial<
    Record<keyof RememberedOperation, unknown>
  >;
  return (
    typeof stackName === 'string' &&
    typeof startedAt === 'number' &&
    KINDS.some((known) => known === kind) &&
    (phase === 'pausing' || phase === 'begun') &&
    [stackId, resultsTable, takesOver].every((text) => text === undefined || typeof text === 'string')
  );
}

/** @returns true where the operation is on the stack that the session works with */
export function isOfSession(operation: RememberedOperation, session: Session): boolean {
  return (
    operation.account === session.account &&
    operation.region === session.region &&
    operation.endpoint === session.endpoint &&
    operation.stackName === session.stackName
  );
}
