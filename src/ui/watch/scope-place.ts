import type { PendingSession, Session } from '../connection/session.ts';

/** The target of a session and its stack's name. AWS names the account a little later. */
export type ScopePlace = Pick<PendingSession, 'profile' | 'region' | 'endpoint' | 'stackName'> &
  Partial<Pick<Session, 'account'>>;

/** @returns the place of a session, without its AWS clients, which may be replaced for the same place */
export function scopePlace(session: ScopePlace): ScopePlace {
  const { profile, region, endpoint, stackName, account } = session;
  return { profile, region, endpoint, stackName, ...(account !== undefined && { account }) };
}

/** @returns true unless a known part of both differs; the stack's name does not count */
export function isSameConnection(a: ScopePlace, b: ScopePlace): boolean {
  const known = a.account !== undefined && b.account !== undefined;
  return (
    a.profile === b.profile &&
    a.region === b.region &&
    a.endpoint === b.endpoint &&
    (!known || a.account === b.account)
  );
}
