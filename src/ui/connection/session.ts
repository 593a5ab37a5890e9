import type * as vscode from 'vscode';
import { visibleText } from '../../core/visible-text.ts';
import type { CloudServices } from '../../core/stack/cloud-services.ts';
import type { ProfileKind } from '../base/cloud.ts';

/** Where a view or a command works, before AWS has said as whom. */
export interface PendingSession {
  readonly services: CloudServices;
  readonly region: string;
  readonly profile: string | undefined;
  /** undefined where no profile is chosen, or the files do not have it */
  readonly profileKind: ProfileKind | undefined;
  /** undefined = AWS itself */
  readonly endpoint: string | undefined;
  /** the stack that the settings name */
  readonly stackName: string;
}

/** Where a command works and as whom, with credentials that have been seen to work. */
export interface Session extends PendingSession {
  /** twelve digits */
  readonly account: string;
}

/** One line that says where a command is about to work: account, region, profile, and an endpoint that is not AWS's. */
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
 * What a view's description says of the connection.
 * @returns such as `media-prod · eu-west-1 · 1234-5678-9012 (sso: media) · localhost:4566`
 */
export function connectionDescription(vs: typeof vscode, session: Session): string {
  const { stackName, region, account, profile, endpoint } = session;
  // As the AWS console writes account ids.
  const digits = account.replace(/^(\d{4})(\d{4})(\d{4})$/, '$1-$2-$3');
  const who = profile ? `${kindWord(vs, session.profileKind)}: ${profile}` : vs.l10n.t('default credentials');
  return [stackName, region, `${digits} (${who})`, ...(endpoint ? [hostOf(endpoint)] : [])]
    .map((part) => visibleText(part))
    .join(' · ');
}

/** @returns a profile's kind in a word */
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
