import type * as vscode from 'vscode';
import { visibleText } from '../../core/visible-text.ts';
import type { CloudServices } from '../../core/stack/cloud-services.ts';
import type { ProfileKind } from '../../core/stack/aws-target.ts';

/** A session before AWS has named the account: the AWS clients, and where they work. */
export interface PendingSession {
  readonly services: CloudServices;
  readonly region: string;
  readonly profile: string | undefined;
  /** undefined where no profile is chosen, or where the files do not have it */
  readonly profileKind: ProfileKind | undefined;
  /** undefined = AWS itself */
  readonly endpoint: string | undefined;
  /** the stack name of the settings */
  readonly stackName: string;
}

/** The AWS clients, where they work, and the account that AWS named for the credentials. */
export interface Session extends PendingSession {
  /** twelve digits */
  readonly account: string;
}

/** @returns one line that says where a command works: account, region, profile, and the endpoint where it is not AWS's own */
export function connectionLine(vs: typeof vscode, session: Session): string {
  const { t } = vs.l10n;
  const { account, region, profile, endpoint } = session;
  return [
    t('Account {0}', account),
    region,
    profile ? t('profile {0}', profile) : t('default credentials'),
    ...(endpoint ? [t('custom endpoint {0}', endpoint)] : []),
  ]
    .map((part) => visibleText(part))
    .join(' · ');
}

/**
 * The description of a view, which names the session.
 * @returns such as `media-prod · eu-west-1 · 1234-5678-9012 (sso: media) · localhost:4566`
 */
export function connectionDescription(vs: typeof vscode, session: Session): string {
  const { stackName, region, account, profile, endpoint } = session;
  // The AWS console writes account ids this way.
  const digits = account.replace(/^(\d{4})(\d{4})(\d{4})$/, '$1-$2-$3');
  const who = profile ? `${kindWord(vs, session.profileKind)}: ${profile}` : vs.l10n.t('default credentials');
  return [stackName, region, `${digits} (${who})`, ...(endpoint ? [hostOf(endpoint)] : [])]
    .map((part) => visibleText(part))
    .join(' · ');
}

/** @returns one word for a profile's kind */
export function kindWord({ l10n: { t } }: typeof vscode, kind: ProfileKind | undefined): string {
  switch (kind) {
    case 'sso':
      return t('sso');
    case 'login':
      return t('login');
    case 'assume-role':
      return t('role');
    case 'process':
      return t('process');
    case 'keys':
      return t('keys');
    case 'other':
    case undefined:
      return t('profile');
  }
}

function hostOf(endpoint: string): string {
  return URL.canParse(endpoint) ? new URL(endpoint).host : endpoint;
}
