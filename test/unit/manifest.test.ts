import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { DEFAULT_STACK_NAME } from '../../src/core/stack/stack-contract.ts';
import { COMMAND_IDS } from '../../src/ui/base/command-ids.ts';
import { isRegion, isStackName, SETTING_NAMES } from '../../src/ui/base/settings.ts';

interface Setting {
  readonly default: string;
  readonly scope: string;
  readonly pattern?: string;
  readonly markdownDescription: string;
}

interface Manifest {
  readonly main: string;
  readonly icon: string;
  readonly activationEvents: readonly string[];
  readonly capabilities: { untrustedWorkspaces: { restrictedConfigurations: readonly string[] } };
  readonly contributes: {
    readonly commands: readonly { command: string; title: string; category: string }[];
    readonly configuration: { readonly properties: Readonly<Record<string, Setting>> };
  };
}

const ROOT = new URL('../../', import.meta.url);

describe('package.json', () => {
  let text = '';
  let manifest: Manifest;
  let strings: Readonly<Record<string, string>>;
  let settings: Readonly<Record<string, Setting>>;

  before(async () => {
    text = await readFile(new URL('package.json', ROOT), 'utf8');
    manifest = JSON.parse(text) as Manifest;
    strings = JSON.parse(await readFile(new URL('package.nls.json', ROOT), 'utf8')) as typeof strings;
    settings = manifest.contributes.configuration.properties;
  });

  it('contributes exactly the commands of the code, under one category', () => {
    const { commands } = manifest.contributes;
    assert.deepEqual(commands.map(({ command }) => command).sort(), [...COMMAND_IDS].sort());
    assert.deepEqual(new Set(commands.map(({ category }) => category)), new Set(['Media Batch']));
  });

  it('contributes exactly the settings of the code, each with a scope and a description', () => {
    assert.deepEqual(Object.keys(settings).sort(), SETTING_NAMES.map((name) => `mediaBatch.${name}`).sort());
    for (const [id, { scope, markdownDescription }] of Object.entries(settings)) {
      // What goes with the config files of a machine is set on that machine.
      const ofWindow = ['mediaBatch.stackName', 'mediaBatch.refreshSeconds'].includes(id);
      assert.match(scope, ofWindow ? /^window$/ : /^machine/);
      assert.match(markdownDescription, /^%.+%$/);
    }
    assert.equal(settings['mediaBatch.stackName']?.default, DEFAULT_STACK_NAME);
  });

  it('keeps the settings of an untrusted folder out, and the endpoint of any folder', () => {
    const { restrictedConfigurations } = manifest.capabilities.untrustedWorkspaces;
    // How often is looked is no risk.
    const risky = Object.keys(settings).filter((id) => id !== 'mediaBatch.refreshSeconds');
    assert.deepEqual([...restrictedConfigurations].sort(), risky.sort());
    assert.equal(settings['mediaBatch.endpoint']?.scope, 'machine');
    // A workspace must not choose what is deployed into the account either.
    assert.equal(settings['mediaBatch.templateFile']?.scope, 'machine');
  });

  it('has the patterns of the code', () => {
    const region = new RegExp(settings['mediaBatch.region']?.pattern ?? '');
    const stackName = new RegExp(settings['mediaBatch.stackName']?.pattern ?? '');
    for (const value of [
      'eu-west-1',
      'us-gov-east-1',
      'Ireland',
      'eu-west-1.x',
      'media-batch',
      '1x',
      'a_b',
    ]) {
      assert.equal(region.test(value), isRegion(value), value);
      assert.equal(stackName.test(value), isStackName(value), value);
    }
  });

  it('uses every string of package.nls.json, and no other', () => {
    const used = [...text.matchAll(/"%([^%"]+)%"/g)].map((match) => match[1]);
    assert.deepEqual([...new Set(used)].sort(), Object.keys(strings).sort());
    assert.ok(Object.values(strings).every((value) => value.trim() !== ''));
  });

  it('starts when the editor has, for the status bar, and names files that are there', async () => {
    assert.deepEqual(manifest.activationEvents, ['onStartupFinished']);
    assert.equal(manifest.main, './dist/extension.cjs');
    const png = await readFile(new URL(manifest.icon, ROOT));
    const size = { width: png.readUInt32BE(16), height: png.readUInt32BE(20) };
    assert.deepEqual(size, { width: 256, height: 256 });
  });
});
