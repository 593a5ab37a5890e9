import { globSync } from 'node:fs';
import { mkdtemp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

const PROJECT = join(import.meta.dirname, '../..');

/**
 * Makes CommonJS of the suites, as the extension host loads it.
 * @returns their folder, which is the caller's to remove; inside the project, so that they find its packages
 */
export async function bundleSuites(): Promise<string> {
  const parent = join(PROJECT, '.vscode-test');
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(join(parent, 'suites-'));
  await build({
    absWorkingDir: PROJECT,
    entryPoints: globSync('test/vscode/suite/{index,activation-times,*.test}.ts', { cwd: PROJECT }),
    outdir: folder,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'cjs',
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  return folder;
}
