import type * as vscode from 'vscode';
import { InvalidInputError } from '../../core/errors.ts';
import { askRegion } from './ask-region.ts';
import { readTarget, type TargetSettings } from '../base/settings.ts';
import type { ConnectionContext } from './connection-context.ts';
import { tryConnection } from './with-session.ts';

/**
 * "Select AWS Region…": lists the profile's region first and marks the present one; saves the choice in the settings.
 * @throws AbortError on Escape
 */
export async function selectRegionCommand(
  ui: Pick<ConnectionContext, 'vs' | 'cloud' | 'connection' | 'log'>,
): Promise<void> {
  const { profile, region } = present(ui.vs);
  const defaults = await ui.cloud.profileDefaults(profile);
  await askRegion(ui.vs, defaults.region, region ?? defaults.region);
  await tryConnection(ui);
}

/** An invalid region must not fail here: the user runs this command to correct it. */
function present(vs: typeof vscode): Partial<TargetSettings> {
  try {
    return readTarget(vs);
  } catch (error) {
    if (error instanceof InvalidInputError) return {};
    throw error;
  }
}
