import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

describe('README', () => {
  const readme = read('README.md');

  it('links to files that exist, the two policies among them', () => {
    const links = [...readme.matchAll(/\]\((?!https?:|#)([^)]+)\)/g)].map(([, path]) => path!);
    for (const path of links) assert.ok(existsSync(join(ROOT, path)), path);
    for (const name of ['operate', 'deploy'])
      assert.ok(links.includes(`resources/aws-policy-${name}.json`), name);
  });

  it('has a heading for each place that its contents line names', () => {
    const anchors = [...readme.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor!);
    const headings = [...readme.matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
      title!
        .toLowerCase()
        .replace(/[^a-z0-9 -]/g, '')
        .replaceAll(' ', '-'),
    );
    for (const anchor of anchors) assert.ok(headings.includes(anchor), anchor);
    assert.ok(anchors.length > 5);
  });

  it('is read in five minutes: 220 lines at most', () => {
    assert.ok(readme.trimEnd().split('\n').length <= 220);
  });

  it('names only commands that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = [...readme.matchAll(/npm (?:run )?(start|test|[a-z:]+)(?= --|`| &&|\n|,)/g)].map(
      ([, name]) => name,
    );
    const builtIn = ['ci'];
    for (const name of named) assert.ok(builtIn.includes(name!) || name! in scripts, `npm run ${name}`);
    assert.ok(named.includes('start') && named.includes('test'));
  });
});
