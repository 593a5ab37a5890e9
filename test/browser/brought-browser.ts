import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  ensureNpmProgram,
  type EnsureProgramOptions,
  type NpmProgram,
  type RunInPart,
} from '../../src/local/tools/npm-program.ts';

/** A Chromium without windows, built for Lambda: with its fonts, and the libraries (NSS, NSPR) that a bare system lacks. */
const BROWSER: NpmProgram = {
  title: 'a Chromium for the tests',
  package: '@sparticuz/chromium',
  version: '153.0.0',
  takes: 'about 15 s',
  entry: 'fonts.conf',
  finish: unpack,
};

/** Unpacks into the folder for temporary files, the libraries only when it is told to. */
const UNPACK = `import chromium, { inflate } from '@sparticuz/chromium';
await chromium.executablePath();
await inflate('node_modules/@sparticuz/chromium/bin/al2023.tar.br');`;

/** The system's fonts first, where there are any. */
const FONTS = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir prefix="relative">fonts/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
`;

/** A browser that was brought, and what it needs in its environment. */
export interface BroughtBrowser {
  /** absolute */
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Gives the pinned Chromium, brought by npm the first time (75 MB, 220 MB unpacked). For Linux on x64.
 * @throws as `ensureNpmProgram`
 */
export async function ensureBrowser(options: EnsureProgramOptions = {}): Promise<BroughtBrowser> {
  const home = await ensureNpmProgram(BROWSER, options);
  const libraries = [join(home, 'al2023', 'lib'), process.env['LD_LIBRARY_PATH'] ?? ''];
  return {
    path: join(home, 'chromium'),
    env: {
      LD_LIBRARY_PATH: libraries.filter((path) => path !== '').join(':'),
      FONTCONFIG_FILE: join(home, 'fonts.conf'),
    },
  };
}

async function unpack(part: string, run: RunInPart): Promise<void> {
  await run(process.execPath, ['--input-type=module', '-e', UNPACK], part, { TMPDIR: part });
  await writeFile(join(part, 'fonts.conf'), FONTS);
  await rm(join(part, 'node_modules'), { recursive: true });
}
