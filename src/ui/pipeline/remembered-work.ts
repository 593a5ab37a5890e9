import type { Session } from '../connection/session.ts';
import type { StackWork } from './stack-work.ts';
import type { ScopeContext } from '../watch/scope-context.ts';

const KEY = 'mediaBatch.stackOperation';

/** A stack operation that was under way when this window last heard of it. */
export interface RememberedWork
  extends
    Pick<StackWork, 'stackName' | 'stackId' | 'resultsTable' | 'paused' | 'kind'>,
    Pick<Session, 'account' | 'region' | 'endpoint'> {
  /** epoch ms */
  readonly startedAt: number;
  /** `pausing`: dispatch was paused for an update that AWS had not begun */
  readonly phase: 'pausing' | 'begun';
}

/** Keeps an operation over a reload of the window. */
export function rememberWork(
  { memory }: Pick<ScopeContext, 'memory'>,
  { account, region, endpoint }: Session,
  { stackName, stackId, resultsTable, paused, kind }: StackWork,
  phase: RememberedWork['phase'] = 'begun',
): void {
  const work: RememberedWork = {
    stackName,
    stackId,
    resultsTable,
    paused,
    kind,
    account,
    region,
    endpoint,
    startedAt: Date.now(),
    phase,
  };
  void memory.workspace.update(KEY, work);
}

/** The operation is over, or nobody wants to hear of it. */
export function forgetWork({ memory }: Pick<ScopeContext, 'memory'>): void {
  void memory.workspace.update(KEY, undefined);
}

/** @returns undefined where there is none, or what is stored is none of ours */
export function rememberedWork({ memory }: Pick<ScopeContext, 'memory'>): RememberedWork | undefined {
  const work = memory.workspace.get<RememberedWork>(KEY);
  return typeof work?.stackName === 'string' && typeof work.startedAt === 'number' ? work : undefined;
}

/** @returns true where the operation is on the stack that the session works with */
export function isOfSession(work: RememberedWork, session: Session): boolean {
  return (
    work.account === session.account &&
    work.region === session.region &&
    work.endpoint === session.endpoint &&
    work.stackName === session.stackName
  );
}
