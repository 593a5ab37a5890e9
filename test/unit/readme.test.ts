import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

describe('README', () => {
  const readme = read('README.md');

  it('has the policies that the tests run with', () => {
    const pasted = [...readme.matchAll(/```json\n(\{[^]*?\n\})\n```/g)].map(
      ([, text]) => JSON.parse(text!) as unknown,
    );
    const files = ['operate', 'deploy'].map(
      (name) => JSON.parse(read(`resources/aws-policy-${name}.json`)) as unknown,
    );
    assert.deepEqual(pasted, files);
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
