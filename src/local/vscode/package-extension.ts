import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const PROJECT = resolve(import.meta.dirname, '../../..');
const VSCE = join(PROJECT, 'node_modules', '@vscode', 'vsce', 'vsce');

/**
 * Builds the extension and packages it, as `npm run package` does.
 * @param folder the folder to write the vsix to
 * @returns the path of the vsix
 * @throws Error when the build or vsce fails, with their output
 */
export async function packageExtension(folder: string, signal?: AbortSignal): Promise<string> {
  const options = { cwd: PROJECT, ...(signal && { signal }) };
  const vsix = join(folder, 'media-batch.vsix');
  await run(process.execPath, ['esbuild.mjs', '--production'], options);
  const flags = [
    '--no-dependencies',
    '--allow-missing-repository',
    '--no-rewrite-relative-links',
    '--out',
    vsix,
  ];
  await run(process.execPath, [VSCE, 'package', ...flags], options);
  return vsix;
}
