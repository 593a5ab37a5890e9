import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { startLocalCloud, type LocalCloud } from '../../src/local/cloud/local-cloud.ts';
import { createBucketOwner } from '../../src/local/cloud/seed-bucket.ts';
import { connectedEditor } from '../../src/local/vscode/connected-editor.ts';
import { startEditorServer, type EditorServer } from '../../src/local/vscode/editor-server.ts';
import { packageExtension } from '../../src/local/vscode/package-extension.ts';
import { wildFiles, type WildFile } from '../../src/local/cloud/wild-files.ts';
import { launchChromium } from './chromium.ts';
import { Workbench } from './workbench.ts';

export const BUCKET = 'film-archive';
const MEDIA_FILES = 60;
/** No step of the interface itself takes longer; waits for AWS have their own limits. */
const STEP_TIMEOUT_MS = 15_000;

/** A VS Code that has the packaged extension installed and is signed in to a local cloud with a bucket and no stack. */
export interface PackagedEditor {
  readonly cloud: LocalCloud;
  readonly editor: EditorServer;
  /** Opens a window, as a user with a fresh browser profile. */
  window(): Promise<Workbench>;
  stop(): Promise<void>;
}

/**
 * @param settings override those of the local cloud, e.g. to start without them
 * @param files what is in the bucket
 * @param prepare fills the cloud before the editor starts. Returns the endpoint that the editor reaches it through
 */
export async function startPackagedEditor(
  name: string,
  settings: Readonly<Record<string, unknown>> = {},
  files: readonly WildFile[] = wildFiles(MEDIA_FILES),
  prepare?: (cloud: LocalCloud) => Promise<string>,
): Promise<PackagedEditor> {
  const folder = await mkdtemp(join(tmpdir(), 'media-batch-vsix-'));
  const ends = [() => rm(folder, { recursive: true, force: true })];
  const stop = async () => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    // First: without one, nothing else is of use.
    const browser = await launchChromium(print);
    ends.push(() => browser.close());
    const vsix = await packageExtension(folder);
    const cloud = await startLocalCloud({ name, onProgress: print });
    ends.push(() => cloud.stop());
    const owner = createBucketOwner(cloud.root);
    await owner.seed(BUCKET, files, () => undefined);
    owner.dispose();
    const connected = connectedEditor(cloud, await prepare?.(cloud));
    const editor = await startEditorServer({
      ...connected,
      settings: { ...connected.settings, ...settings },
      vsix,
      name,
      onProgress: print,
    });
    ends.push(() => editor.stop());
    return { cloud, editor, window: () => openWindow(browser, editor), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function openWindow(browser: Browser, editor: EditorServer): Promise<Workbench> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  context.setDefaultTimeout(STEP_TIMEOUT_MS);
  const workbench = new Workbench(await context.newPage());
  await workbench.open(editor.pageUrl());
  return workbench;
}

function print(line: string): void {
  console.log(`    ${line}`);
}
