import type { PendingSession, Session } from '../connection/session.ts';

/** Which stack a session works with: the connection's target and the name; AWS says the account a little later. */
export type ScopePlace = Pick<PendingSession, 'profile' | 'region' | 'endpoint' | 'stackName'> &
  Partial<Pick<Session, 'account'>>;

/** @returns what tells sessions apart; their clients may be made again for the same place */
export function scopePlace(session: ScopePlace): ScopePlace {
  const { profile, region, endpoint, stackName, account } = session;
  return { profile, region, endpoint, stackName, ...(account !== undefined && { account }) };
}

/** @returns true unless something that is known of both differs, the stack's name left aside */
export function isSameConnection(a: ScopePlace, b: ScopePlace): boolean {
  const known = a.account !== undefined && b.account !== undefined;
  return (
    a.profile === b.profile &&
    a.region === b.region &&
    a.endpoint === b.endpoint &&
    (!known || a.account === b.account)
  );
}
