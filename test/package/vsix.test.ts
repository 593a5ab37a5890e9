import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import Module, { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import type * as vscode from 'vscode';
import { jobSchema } from '../../src/core/ittybit/job-schema.ts';
import { findPython } from '../../src/local/tools/python-interpreter.ts';
import { packageExtension } from '../../src/local/vscode/package-extension.ts';
import { COMMAND_IDS } from '../../src/ui/base/command-ids.ts';
import { stubMemento } from '../helpers/ui/vscode-stub-basics.ts';
import { stubVscode } from '../helpers/ui/vscode-stub.ts';
import { MAX_BYTES, MAX_FILES, measureVsix } from './vsix-limits.ts';

const run = promisify(execFile);
const REQUIRED = [
  'CHANGELOG.md',
  'LICENSE.txt',
  'dist/aws.cjs',
  'dist/enqueue-thread.cjs',
  'dist/extension.cjs',
  'dist/handlers/consumer.js',
  'dist/handlers/functions.js',
  'dist/handlers/reconciler.js',
  'dist/handlers/sorter.js',
  'dist/handlers/webhook.js',
  'dist/pipeline.yaml',
  'dist/send-thread.cjs',
  'dist/enumerator.yaml',
  'media/icon.png',
  'package.json',
  'package.nls.json',
  'readme.md',
  'resources/job.schema.json',
];

interface Extension {
  activate(context: object): void;
}

describe('the vsix', () => {
  let folder = '';
  let vsix = '';
  let files: string[] = [];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'media-batch-vsix-'));
    vsix = await packageExtension(folder);
    const python = await findPython();
    const unpack = [...python.args, '-m', 'zipfile', '-e', vsix, join(folder, 'unpacked')];
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
    const allowed =
      /^(dist\/shared-\w+\.cjs|media\/(icon\.png|container\.svg|walkthrough\/[^/]+\.md)|resources\/[^/]+\.json)$/;
    const required = REQUIRED.map((file) => file.toLowerCase());
    assert.deepEqual(
      files.filter((file) => !required.includes(file.toLowerCase()) && !allowed.test(file)),
      [],
    );
  });

  it('has the schema of job documents, as the checks have it', async () => {
    const file = join(folder, 'unpacked', 'extension', 'resources', 'job.schema.json');
    const built: unknown = JSON.parse(await readFile(file, 'utf8'));
    assert.deepEqual(built, JSON.parse(JSON.stringify(jobSchema())));
  });

  it('runs in strict mode, as the tests do', async () => {
    const code = files.filter((file) => file.endsWith('.cjs'));
    assert.ok(code.length > 4);
    for (const file of code) {
      const text = await readFile(join(folder, 'unpacked', 'extension', file), 'utf8');
      assert.match(text, /^"use strict";/, file);
    }
  });

  it(`is small: at most ${MAX_FILES} files and ${MAX_BYTES / 1000} kB`, async () => {
    const size = await measureVsix(vsix);
    assert.ok(size.files <= MAX_FILES, `${size.files} files`);
    assert.ok(size.bytes <= MAX_BYTES, `${size.bytes} bytes`);
  });

  it('activates, and loads the AWS SDK only with the first call', async () => {
    const stub = stubVscode(() => undefined);
    const dist = join(folder, 'unpacked', 'extension', 'dist');
    const loaded = (): string[] => Object.keys(require.cache).filter((file) => file.startsWith(dist));
    const require = createRequire(join(dist, 'x.cjs'));
    const restore = provideVscode(stub.vs);
    try {
      const subscriptions: { dispose(): void }[] = [];
      (require('./extension.cjs') as Extension).activate({
        subscriptions,
        extension: { id: 'media-batch.media-batch' },
        extensionUri: { path: '/ext' },
        workspaceState: stubMemento(),
        globalState: stubMemento(),
      });
      assert.deepEqual([...stub.commands.keys()], [...COMMAND_IDS]);
      assert.ok(!loaded().includes(join(dist, 'aws.cjs')));

      await stub.vs.commands.executeCommand('mediaBatch.selectProfile');
      assert.ok(loaded().includes(join(dist, 'aws.cjs')));
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
