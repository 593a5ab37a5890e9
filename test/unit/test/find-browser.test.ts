import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BrowserMissingError,
  canBringBrowser,
  explainMissingBrowser,
  findBrowser,
  THIS_MACHINE,
  type Machine,
} from '../../browser/find-browser.ts';

/** @returns a machine with these browsers on its disk */
function machine(
  platform: NodeJS.Platform,
  env: Readonly<NodeJS.ProcessEnv>,
  ...browsers: readonly string[]
): Machine {
  return { platform, arch: 'x64', env, starts: (path) => browsers.includes(path) };
}

describe('finding a browser', () => {
  it('prefers the one that CHROMIUM names, as a path or as a program', () => {
    const [named, other] = ['/opt/mine/chrome', '/usr/bin/chromium'];
    const PATH = '/usr/bin:/opt/mine';
    for (const CHROMIUM of [named, 'chrome']) {
      assert.equal(findBrowser(machine('linux', { CHROMIUM, PATH }, named, other)), named);
    }
    assert.equal(findBrowser(machine('linux', { CHROMIUM: '', PATH }, other)), other);
  });

  it('says so when CHROMIUM names no browser, and takes no other', () => {
    for (const CHROMIUM of ['/gone/chrome', 'gone']) {
      assert.throws(
        () => findBrowser(machine('linux', { CHROMIUM, PATH: '/usr/bin' }, '/usr/bin/chromium')),
        (error) =>
          error instanceof BrowserMissingError && error.message.startsWith(`CHROMIUM names ${CHROMIUM}, `),
      );
    }
  });

  it('knows Chromium, Chrome and Edge on a PATH, Chromium first', () => {
    const names = 'chromium chromium-browser google-chrome google-chrome-stable chrome msedge microsoft-edge';
    const paths = names.split(' ').map((name) => `/usr/bin/${name}`);
    for (const path of paths)
      assert.equal(findBrowser(machine('linux', { PATH: '/bin:/usr/bin' }, path)), path);
    assert.equal(
      findBrowser(machine('linux', { PATH: '/usr/bin' }, ...paths.toReversed())),
      '/usr/bin/chromium',
    );
  });

  it('looks into absolute folders of the PATH only', () => {
    const found = findBrowser(machine('linux', { PATH: ':.:bin:/usr/bin' }, 'chromium', 'bin/chromium'));
    assert.equal(found, undefined);
    assert.equal(findBrowser(machine('linux', {}, '/usr/bin/chromium')), undefined);
  });

  it('knows the usual places of each system', () => {
    const places: [NodeJS.Platform, NodeJS.ProcessEnv, string][] = [
      ['linux', { PATH: '/usr/bin' }, '/snap/bin/chromium'],
      ['darwin', {}, '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'],
      ['darwin', { HOME: '/Users/i' }, '/Users/i/Applications/Chromium.app/Contents/MacOS/Chromium'],
      ['darwin', {}, '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge'],
      [
        'win32',
        { PROGRAMFILES: 'C:\\Program Files' },
        'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
      ],
      [
        'win32',
        { 'PROGRAMFILES(X86)': 'C:\\Program Files (x86)' },
        'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
      ],
      [
        'win32',
        { LOCALAPPDATA: 'C:\\Users\\i\\AppData\\Local' },
        'C:\\Users\\i\\AppData\\Local\\Chromium\\Application\\chrome.exe',
      ],
      ['win32', { Path: 'C:\\a;C:\\tools' }, 'C:\\tools\\chrome.exe'],
    ];
    for (const [platform, env, path] of places) {
      assert.equal(findBrowser(machine(platform, env, path)), path);
      assert.equal(findBrowser(machine(platform, env)), undefined);
    }
  });

  it('brings one on Linux on x64 only, and elsewhere says how to get one', () => {
    const on = (platform: NodeJS.Platform, arch = 'x64') => ({ ...machine(platform, {}), arch });
    assert.equal(canBringBrowser(on('linux')), true);
    for (const other of [on('linux', 'arm64'), on('darwin'), on('win32')]) {
      assert.equal(canBringBrowser(other), false);
    }
    const sentence = /^No Chromium, Chrome or Edge was found: install one \(.+\) or set CHROMIUM/;
    assert.match(explainMissingBrowser(on('linux', 'arm64')), /sudo apt install chromium/);
    assert.match(explainMissingBrowser(on('darwin')), /brew install --cask google-chrome/);
    assert.match(explainMissingBrowser(on('win32')), /winget install Google\.Chrome/);
    for (const platform of ['linux', 'darwin', 'win32'] as const) {
      assert.match(explainMissingBrowser(on(platform)), sentence);
    }
  });

  it('skips what is not a working browser: a folder, a text, a script that says what to install', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'media-batch-browsers-'));
    const program = async (name: string, mode: number, text = 'exit 0') => {
      await mkdir(join(folder, name));
      await writeFile(join(folder, name, 'chromium'), `#!/bin/sh\n${text}\n`);
      await chmod(join(folder, name, 'chromium'), mode);
    };
    try {
      await mkdir(join(folder, 'empty', 'chromium'), { recursive: true });
      await program('text', 0o644);
      await program('stub', 0o755, 'echo "requires the chromium snap to be installed" >&2; exit 1');
      await program('whole', 0o755, '[ "$1" = --version ]');
      const find = (...names: string[]) =>
        findBrowser({ ...THIS_MACHINE, env: { PATH: names.map((name) => join(folder, name)).join(':') } });
      const whole = join(folder, 'whole', 'chromium');
      assert.equal(find('empty', 'text', 'stub', 'whole'), whole);
      assert.notEqual(find('empty', 'text', 'stub'), whole);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
