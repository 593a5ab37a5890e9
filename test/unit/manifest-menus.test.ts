import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { COMMAND_IDS } from '../../src/ui/base/command-ids.ts';
import { CONTEXT_KEYS, VIEW_IDS } from '../../src/ui/base/view-ids.ts';

interface MenuItem {
  readonly command: string;
  readonly when?: string;
  readonly group?: string;
}

interface Manifest {
  readonly contributes: {
    readonly commands: readonly { command: string; icon?: string; enablement?: string }[];
    readonly keybindings: readonly { command: string; when: string }[];
    readonly menus: Readonly<Record<string, readonly MenuItem[]>>;
    readonly viewsContainers: Readonly<Record<string, readonly { id: string; icon: string }[]>>;
    readonly views: Readonly<Record<string, readonly { id: string; icon: string }[]>>;
    readonly viewsWelcome: readonly { view: string; contents: string; when: string }[];
    readonly walkthroughs: readonly {
      id: string;
      steps: readonly {
        id: string;
        description: string;
        completionEvents: readonly string[];
        media: { markdown: string };
      }[];
    }[];
    readonly jsonValidation: readonly { url: string }[];
  };
}

const ROOT = join(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const manifest = JSON.parse(read('package.json')) as Manifest;
const strings = JSON.parse(read('package.nls.json')) as Readonly<Record<string, string>>;
const { contributes } = manifest;
const commandIds: readonly string[] = COMMAND_IDS;
const viewIds: readonly string[] = VIEW_IDS;
const menuItems = Object.values(contributes.menus).flat();
const text = (key: string): string => strings[key.replaceAll('%', '')] ?? '';
const sources = globSync('src/ui/**/*.ts', { cwd: ROOT }).map(read).join('\n');

/** Every `when` clause and enablement of the manifest. */
const clauses = [
  ...menuItems.map(({ when }) => when),
  ...contributes.commands.map(({ enablement }) => enablement),
  ...contributes.viewsWelcome.map(({ when }) => when),
  ...contributes.walkthroughs.flatMap(({ steps }) =>
    steps.flatMap(({ completionEvents }) =>
      completionEvents.filter((event) => event.startsWith('onContext:')).map((event) => event.slice(10)),
    ),
  ),
].filter((clause) => clause !== undefined);

describe('the menus and views of package.json', () => {
  it('has exactly the views of the code, in their order, each with an icon', () => {
    const [container] = contributes.viewsContainers['activitybar'] ?? [];
    assert.equal(container?.id, 'mediaBatch');
    assert.match(read(container.icon), /^<svg /);
    const views = contributes.views['mediaBatch'] ?? [];
    assert.deepEqual(
      views.map(({ id }) => id),
      viewIds,
    );
    for (const { icon } of views) assert.match(icon, /^\$\([a-z-]+\)$/);
  });

  it('puts only commands that exist into menus, and every command somewhere', () => {
    for (const { command } of menuItems) assert.ok(commandIds.includes(command), command);
    const hidden = new Set(
      (contributes.menus['commandPalette'] ?? [])
        .filter(({ when }) => when === 'false')
        .map(({ command }) => command),
    );
    const elsewhere = new Set(
      menuItems.filter((item) => item.when !== 'false').map(({ command }) => command),
    );
    for (const id of hidden) {
      // What is not in the palette is on a row: in its menu, or as what a click opens.
      assert.ok(elsewhere.has(id) || sources.includes(`open: '${id}'`), id);
    }
  });

  it('shows inline commands by an icon', () => {
    const inline = menuItems.filter(({ group }) => group?.startsWith('inline')).map(({ command }) => command);
    const titles = (contributes.menus['view/title'] ?? [])
      .filter(({ group }) => group?.startsWith('navigation'))
      .map(({ command }) => command);
    for (const id of [...inline, ...titles]) {
      assert.match(contributes.commands.find(({ command }) => command === id)?.icon ?? '', /^\$\(/, id);
    }
  });

  it('binds keys only to commands that exist, and only in the views of Media Batch', () => {
    assert.ok(contributes.keybindings.length > 0);
    for (const { command, when } of contributes.keybindings) {
      assert.ok(commandIds.includes(command), command);
      assert.equal(when, 'focusedView =~ /^mediaBatch\\./');
    }
  });

  it('asks only about context keys that the code sets, and about each of them', () => {
    const asked = new Set(
      clauses.flatMap((clause) => [...clause.matchAll(/\bmediaBatch\.\w+/g)].map(([key]) => key)),
    );
    for (const id of viewIds) asked.delete(id);
    assert.deepEqual([...asked].sort(), [...CONTEXT_KEYS].sort());
    for (const key of CONTEXT_KEYS) assert.ok(sources.includes(`'${key}'`), key);
  });

  it('tests only for words that rows have', () => {
    const words = new Set(
      clauses.flatMap((clause) => [...clause.matchAll(/\\b([\w-]+)\\b/g)].map(([, word = '']) => word)),
    );
    assert.ok(words.size > 10);
    for (const word of words) assert.match(sources, new RegExp(`'${word}'`), `no row has the token ${word}`);
  });

  it('names only views and commands that exist in its texts', () => {
    const texts = [
      ...contributes.viewsWelcome.map(({ contents }) => text(contents)),
      ...contributes.walkthroughs.flatMap(({ steps }) => steps.map(({ description }) => text(description))),
    ];
    for (const [, id = ''] of texts.join('\n').matchAll(/\(command:([\w.]+)\)/g)) {
      assert.ok(commandIds.includes(id) || viewIds.includes(id.replace(/\.focus$/, '')), id);
    }
    for (const { view } of contributes.viewsWelcome) assert.ok(viewIds.includes(view), view);
  });

  it('says a welcome once: in the Pipeline view, to which the others point in one line', () => {
    const { viewsWelcome } = contributes;
    for (const when of [
      'mediaBatch.connection == not-set-up',
      'mediaBatch.connection == signed-out',
      'mediaBatch.connection == ready && mediaBatch.stack == none',
    ]) {
      const welcomes = viewsWelcome.filter((welcome) => welcome.when === when);
      const whole = welcomes.filter(({ contents }) => text(contents).includes('\n'));
      assert.deepEqual(
        whole.map(({ view }) => view),
        ['mediaBatch.pipeline'],
      );
      const others = welcomes.filter((welcome) => !whole.includes(welcome));
      assert.ok(others.length >= 2, when);
      for (const { contents } of others) assert.match(text(contents), /command:mediaBatch\.pipeline\.focus/);
    }
  });

  it('has a walkthrough of five to seven steps that end by themselves, each with a page', () => {
    for (const { steps } of contributes.walkthroughs) {
      assert.ok(steps.length >= 5 && steps.length <= 7);
      for (const { id, media, completionEvents } of steps) {
        assert.ok(read(media.markdown).length > 100, id);
        assert.ok(completionEvents.length > 0, id);
      }
    }
    assert.ok(sources.includes(`#${contributes.walkthroughs[0]?.id ?? ''}`));
  });

  it('has the schema that it completes job documents with', () => {
    // The build writes it; the package's test reads it.
    assert.deepEqual(
      contributes.jsonValidation.map(({ url }) => url),
      ['./resources/job.schema.json'],
    );
  });
});
