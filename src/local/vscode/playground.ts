import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storeApiKey } from '../../app/stack/api-key.ts';
import { deployLocally } from '../cloud/deploy-locally.ts';
import { LOCAL_API_KEY, type LocalCloud } from '../cloud/local-cloud.ts';
import { SETTLE_SECONDS, shortenLookUps } from '../cloud/shorten-look-ups.ts';
import type { BucketOwner } from '../cloud/seed-bucket.ts';
import type { Terminal } from '../tools/terminal.ts';
import { PLACES, PREFIX, wildFiles } from '../cloud/wild-files.ts';
import { connectedEditor } from './connected-editor.ts';
import { startEditorServer, type EditorServer } from './editor-server.ts';
import { openInBrowser } from './open-in-browser.ts';
import { packageExtension } from './package-extension.ts';

const BUCKET = 'film-archive';

export interface Playground {
  readonly cloud: LocalCloud;
  readonly owner: BucketOwner;
  readonly terminal: Terminal;
  /** media files in the bucket */
  readonly files: number;
  readonly signal: AbortSignal;
}

/**
 * Starts a browser VS Code with the packaged extension, connected to the local cloud, with the pipeline deployed and a bucket
 * to enqueue. Returns when the signal is aborted, and removes the editor's files.
 * @throws as `startEditorServer`, `deployLocally` and `packageExtension`
 */
export async function runPlayground({ cloud, owner, terminal, files, signal }: Playground): Promise<void> {
  const objects = wildFiles(files);
  terminal.heading(`1  Seed s3://${BUCKET} with ${objects.length} objects, ${files} of them media files`);
  await owner.seed(BUCKET, objects, () => undefined, signal);
  refuseOnce(cloud, objects.filter(({ key }) => key.includes(PLACES.locked)).length);

  terminal.heading('2  Package the extension, deploy the pipeline, store the API key');
  const folder = await mkdtemp(join(tmpdir(), 'media-batch-vsix-'));
  let editor: EditorServer | undefined;
  try {
    const vsix = await packageExtension(folder, signal);
    const pipeline = await deployLocally(cloud.services, cloud.ittybit.url, {
      parameters: { ReconcileAfterMinutes: '1' },
      signal,
    });
    await shortenLookUps(cloud.root, pipeline, SETTLE_SECONDS);
    await storeApiKey(pipeline, LOCAL_API_KEY, cloud.services.secrets, signal);

    terminal.heading('3  Start VS Code');
    const connected = connectedEditor(cloud);
    editor = await startEditorServer({
      ...connected,
      vsix,
      settings: { ...connected.settings, 'workbench.startupEditor': 'readme' },
      files: { ...connected.files, 'workspace/README.md': guide(files) },
      signal,
      onProgress: (line) => {
        terminal.line(`   ${line}`);
      },
    });
    const url = editor.pageUrl();
    terminal.heading('VS Code runs until Ctrl+C');
    terminal.line(url);
    if (!(await openInBrowser(url))) terminal.line('Open this address in a browser on this machine.');
    if (!signal.aborted) await once(signal, 'abort');
  } finally {
    await editor?.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The locked files become dead letters once; a redrive then succeeds. */
function refuseOnce({ ittybit }: LocalCloud, times: number): void {
  if (times === 0) return;
  ittybit.faults.add({
    match: PLACES.locked,
    times,
    effect: {
      type: 'status',
      status: 400,
      kind: 'invalid_input',
      message: 'cannot read input: access denied',
    },
  });
}

function guide(files: number): string {
  return `# Media Batch, on your machine

Nothing here reaches AWS or Ittybit: both are stand-ins on this machine, and the pipeline is deployed to them. The outputs
are made up: their addresses do not exist.

1. Open **Media Batch** in the activity bar.
2. In **Buckets**, open \`${BUCKET}\`: ${files} media files below \`${PREFIX}\`, and others between them.
3. Run **Enqueue Prefix…** on \`${PREFIX}\` and watch **Pipeline** and **Batches**.
4. A few files end in **Dead Letters**. Their cause is already fixed: run **Redrive All…**.
`;
}
