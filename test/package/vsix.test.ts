import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import Module, { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type * as vscode from 'vscode';
import { findPython } from '../../src/local/python-interpreter.ts';
import { COMMAND_IDS } from '../../src/ui/command-ids.ts';
import { stubVscode } from '../helpers/vscode-stub.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** The parts of the AWS SDK that load on demand are files of their own. */
const MAX_FILES = 60;
const MAX_BYTES = 600_000;
const REQUIRED = [
  'CHANGELOG.md',
  'LICENSE.txt',
  'dist/aws.cjs',
  'dist/extension.cjs',
  'dist/pipeline.yaml',
  'media/icon.png',
  'package.json',
  'package.nls.json',
  'readme.md',
];

interface Extension {
  activate(context: { subscriptions: { dispose(): void }[]; extensionUri: unknown }): void;
}

describe('the vsix', () => {
  let folder = '';
  let files: string[] = [];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'media-batch-vsix-'));
    await run(process.execPath, ['esbuild.mjs', '--production'], { cwd: ROOT });
    const vsce = join(ROOT, 'node_modules', '@vscode', 'vsce', 'vsce');
    const options = [
      '--no-dependencies',
      '--allow-missing-repository',
      '--no-rewrite-relative-links',
      '--out',
      join(folder, 'x.vsix'),
    ];
    await run(process.execPath, [vsce, 'package', ...options], { cwd: ROOT });
    const python = await findPython();
    const unpack = [...python.args, '-m', 'zipfile', '-e', join(folder, 'x.vsix'), join(folder, 'unpacked')];
    await run(python.command, unpack);
    files = await filesIn(join(folder, 'unpacked', 'extension'));
  });

  after(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it('has what it needs', () => {
    const present = files.map((file) => file.toLowerCase());
    assert.deepEqual(
      REQUIRED.filter((file) => !present.includes(file.toLowerCase())),
      [],
    );
  });

  it('has nothing else', () => {
    const allowed = /^dist\/parts\/[A-Z0-9]+\.cjs$|^(media|resources)\/[^/]+\.(png|svg|md|json)$/;
    const required = REQUIRED.map((file) => file.toLowerCase());
    assert.deepEqual(
      files.filter((file) => !required.includes(file.toLowerCase()) && !allowed.test(file)),
      [],
    );
  });

  it(`is small: at most ${MAX_FILES} files and ${MAX_BYTES / 1000} kB`, async () => {
    assert.ok(files.length <= MAX_FILES, `${files.length} files`);
    const { size } = await stat(join(folder, 'x.vsix'));
    assert.ok(size <= MAX_BYTES, `${size} bytes`);
  });

  it('activates, and loads the AWS SDK only with the first call', async () => {
    const stub = stubVscode(() => undefined);
    const dist = join(folder, 'unpacked', 'extension', 'dist');
    const loaded = (): string[] => Object.keys(require.cache).filter((file) => file.startsWith(dist));
    const require = createRequire(join(dist, 'x.cjs'));
    const restore = provideVscode(stub.vs);
    try {
      const subscriptions: { dispose(): void }[] = [];
      (require('./extension.cjs') as Extension).activate({ subscriptions, extensionUri: { path: '/ext' } });
      assert.deepEqual([...stub.commands.keys()], [...COMMAND_IDS]);
      assert.ok(!loaded().includes(join(dist, 'aws.cjs')));

      await stub.vs.commands.executeCommand('mediaBatch.deployPipeline');
      assert.ok(loaded().includes(join(dist, 'aws.cjs')));
      assert.equal(stub.shown[0]?.text, 'AWS Region');
      for (const subscription of subscriptions) subscription.dispose();
      assert.equal(stub.commands.size, 0);
    } finally {
      restore();
    }
  });
});

/** @returns the files below a folder, with slashes */
async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'));
}

/** Lets `require('vscode')` find the stub, as the editor's extension host does with the real one. */
function provideVscode(vs: typeof vscode): () => void {
  const loader = Module as unknown as { _load: (request: string, ...rest: unknown[]) => unknown };
  const load = loader._load;
  loader._load = (request, ...rest) => (request === 'vscode' ? vs : load.call(loader, request, ...rest));
  return () => {
    loader._load = load;
  };
}
