import type * as vscode from 'vscode';
import { parseS3Prefix, prefixUri, type S3Prefix } from '../../core/files/s3-location.ts';
import { rememberSetting } from '../base/settings.ts';

/** @returns true when both are the same bucket and prefix */
export function samePlace(one: S3Prefix, other: S3Prefix): boolean {
  return one.bucket === other.bucket && one.prefix === other.prefix;
}

/**
 * Reads the setting `mediaBatch.pins`.
 * @returns each place once, in the setting's order. Entries that are not S3 addresses are left out; the settings editor
 * marks them.
 */
export function readPins(vs: typeof vscode): S3Prefix[] {
  const places: S3Prefix[] = [];
  for (const entry of entries(vs)) {
    const place = readEntry(entry);
    if (place && !places.some((known) => samePlace(known, place))) places.push(place);
  }
  return places;
}

/** Pins a place. @returns false when it is already pinned */
export async function addPin(vs: typeof vscode, place: S3Prefix): Promise<boolean> {
  if (readPins(vs).some((pin) => samePlace(pin, place))) return false;
  await rememberSetting(vs, 'pins', [...entries(vs), prefixUri(place)]);
  return true;
}

/** Removes every entry for that place from the setting, however it is written. */
export async function removePin(vs: typeof vscode, place: S3Prefix): Promise<void> {
  const kept = entries(vs).filter((entry) => {
    const pin = readEntry(entry);
    return !pin || !samePlace(pin, place);
  });
  await rememberSetting(vs, 'pins', kept);
}

function entries(vs: typeof vscode): string[] {
  const value: unknown = vs.workspace.getConfiguration('mediaBatch').get('pins');
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [];
}

function readEntry(entry: string): S3Prefix | undefined {
  try {
    return parseS3Prefix(entry);
  } catch {
    return undefined;
  }
}
