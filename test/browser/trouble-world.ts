import { storeApiKey } from '../../src/app/stack/api-key.ts';
import { deployLocally } from '../../src/local/cloud/deploy-locally.ts';
import { LOCAL_API_KEY, type LocalCloud } from '../../src/local/cloud/local-cloud.ts';
import { shortenLookUps } from '../../src/local/cloud/shorten-look-ups.ts';
import type { WildFile } from '../../src/local/cloud/wild-files.ts';
import { startRecordingProxy, type RecordingProxy } from '../vscode/recording-proxy.ts';
import { startPackagedEditor, type PackagedEditor } from './packaged-editor.ts';
import type { Workbench } from './workbench.ts';

export const VIEWS = ['Pipeline', 'Buckets', 'Batches', 'Failures'] as const;
/** What the first screen of Enqueue Prefix asks, whose filled-in answers will do. */
export const WHAT_TO_ENQUEUE = 'What to enqueue, and with what?';
/** What the dry run says. */
export const DRY_RUN = 'Nothing has been sent yet';

/** A deployed pipeline, and a network and an AWS before it that can be made to fail. */
export interface TroubleWorld {
  readonly packaged: PackagedEditor;
  readonly proxy: RecordingProxy;
  readonly workbench: Workbench;
  /** Ends what went wrong. */
  repair(): void;
  /** @returns what there is to see, for a failed test */
  report(window?: Workbench): Promise<string>;
  stop(): Promise<void>;
}

export interface TroubleOptions {
  readonly name: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** what is in the bucket */
  readonly files?: readonly WildFile[];
  /** Files that met a pause come back after this time, and not after 15 minutes. */
  readonly settleSeconds?: number;
  /** in place of the built template */
  readonly template?: string;
  /** adds to the cloud before the editor starts */
  readonly fill?: (cloud: LocalCloud) => Promise<void>;
}

export async function startTroubleWorld(options: TroubleOptions): Promise<TroubleWorld> {
  const { name, settings = {}, files, settleSeconds, template, fill } = options;
  const ends: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    let proxy: RecordingProxy | undefined;
    const packaged = await startPackagedEditor(name, settings, files, async (cloud) => {
      await fill?.(cloud);
      const pipeline = await deployLocally(cloud.services, cloud.ittybit.url, {
        ...(template !== undefined && { template }),
      });
      if (settleSeconds !== undefined) await shortenLookUps(cloud.root, pipeline, settleSeconds);
      await storeApiKey(pipeline, LOCAL_API_KEY, cloud.services.secrets);
      const started = await startRecordingProxy(cloud.root.endpoint);
      // Left open by what fails after this, it would keep the tests' process from its end.
      ends.push(() => started.stop());
      proxy = started;
      return started.url;
    });
    ends.push(() => packaged.stop());
    const front = proxy;
    if (!front) throw new Error('The proxy was not started.');
    const workbench = await packaged.window();
    await workbench.openViews();
    const repair = () => {
      front.cut = false;
      front.instead = undefined;
    };
    const report = (window = workbench) => describeWindow(packaged, window);
    return { packaged, proxy: front, workbench, repair, report, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function describeWindow({ editor }: PackagedEditor, workbench: Workbench): Promise<string> {
  const views = await Promise.all(
    VIEWS.map(async (title) => {
      const rows = (await workbench.view(title).rows()).map(
        ({ level, aria }) => `${'  '.repeat(level)}${aria}`,
      );
      return [`${title} ${await workbench.view(title).hint()}`, ...rows].join('\n');
    }),
  );
  const messages = await workbench.notifications();
  const log = (await editor.hostLogs(/Media Batch/)).slice(-3000);
  return [await workbench.screenshot('trouble-failed'), ...views, ...messages, log].join('\n');
}
