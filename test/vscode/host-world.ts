import { join } from 'node:path';
import { storeApiKey } from '../../src/app/stack/api-key.ts';
import { deployLocally } from '../../src/local/cloud/deploy-locally.ts';
import { LOCAL_API_KEY, startLocalCloud } from '../../src/local/cloud/local-cloud.ts';
import { createBucketOwner } from '../../src/local/cloud/seed-bucket.ts';
import { connectedEditor, type ConnectedEditor } from '../../src/local/vscode/connected-editor.ts';
import { wildFiles } from '../../src/local/cloud/wild-files.ts';
import type { Workbench } from '../browser/workbench.ts';
import { controlActions } from './control-actions.ts';
import { startControlServer } from './control-server.ts';
import type { HostTest } from './host-test.ts';
import { startRecordingProxy } from './recording-proxy.ts';

const BUCKET = 'film-archive';
const MEDIA_FILES = 60;
const REPORTER = join(import.meta.dirname, '../helpers/reporter.cjs');

/** All that the suites in the extension host need around them. */
export interface HostWorld {
  readonly connected: ConnectedEditor;
  /** The window that the suites drive; set it before they start. */
  window: Workbench | undefined;
  stop(): Promise<void>;
}

/**
 * Starts the local cloud with a bucket and a deployed pipeline, the proxy that the extension reaches it through, and the
 * control server.
 * @param print shows a line of progress or of the suites' report
 */
export async function startHostWorld(print: (line: string) => void): Promise<HostWorld> {
  const ends: (() => Promise<void>)[] = [];
  const world: HostWorld = {
    connected: { settings: {}, files: {}, env: {} },
    window: undefined,
    stop: async () => {
      for (const end of ends.reverse()) await end();
    },
  };
  try {
    const cloud = await startLocalCloud({ name: 'vscode', onProgress: print });
    ends.push(() => cloud.stop());
    const owner = createBucketOwner(cloud.root);
    await owner.seed(BUCKET, wildFiles(MEDIA_FILES), () => undefined);
    owner.dispose();
    const pipeline = await deployLocally(cloud.services, cloud.ittybit.url);
    await storeApiKey(pipeline, LOCAL_API_KEY, cloud.services.secrets);

    const proxy = await startRecordingProxy(cloud.root.endpoint);
    ends.push(() => proxy.stop());
    const window = () => {
      if (!world.window) throw new Error('There is no window yet.');
      return world.window;
    };
    const control = await startControlServer(controlActions(window, cloud, proxy, print));
    ends.push(() => control.stop());

    const hostTest: HostTest = {
      control: control.url,
      root: cloud.root,
      bucket: BUCKET,
      pipeline,
      ittybitUrl: cloud.ittybit.url,
      apiKey: LOCAL_API_KEY,
      reporter: REPORTER,
    };
    const connected = connectedEditor(cloud, proxy.url);
    const env = { ...connected.env, MEDIA_BATCH_HOST_TEST: JSON.stringify(hostTest) };
    return Object.assign(world, { connected: { ...connected, env } });
  } catch (error) {
    await world.stop();
    throw error;
  }
}
