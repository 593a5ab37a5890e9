import type * as vscode from 'vscode';
import { askRegion } from './ask-region.ts';
import type { CloudServices } from './cloud.ts';
import { readSettings } from './settings.ts';
import type { UiContext } from './ui-context.ts';

/** Where a command works and as whom, with credentials that have been seen to work. */
export interface Session {
  readonly services: CloudServices;
  readonly account: string;
  readonly region: string;
  readonly profile: string | undefined;
  /** undefined = AWS itself */
  readonly endpoint: string | undefined;
  /** the stack that the settings name */
  readonly stackName: string;
}

/**
 * Runs `work` with a connection made from the settings as they are now; asks for the region where none is set.
 * @returns what `work` returns; the connection is closed then
 * @throws InvalidInputError for a setting that cannot be used, AwsError for credentials, AbortError on Escape
 */
export async function withSession<Result>(
  ui: UiContext,
  work: (session: Session) => Promise<Result>,
): Promise<Result> {
  const { vs, cloud, log } = ui;
  const { profile, endpoint, stackName, ...settings } = readSettings(vs);
  const defaults = await cloud.profileDefaults(profile);
  const region = settings.region ?? (await askRegion(vs, defaults.region));
  const services = await cloud.connect({ profile, endpoint, region });
  try {
    const { account } = await vs.window.withProgress(
      { location: vs.ProgressLocation.Window, title: vs.l10n.t('Media Batch: connecting to AWS') },
      () => services.identity.caller(),
    );
    const session = {
      services,
      account,
      region,
      profile,
      endpoint: endpoint ?? defaults.endpoint,
      stackName,
    };
    log.info(connectionLine(vs, session));
    return await work(session);
  } finally {
    services.dispose();
  }
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
  ].join(' · ');
}
