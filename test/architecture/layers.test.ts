import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { cruise, type ICruiseOptions, type ICruiseResult, type IFlattenedRuleSet } from 'dependency-cruiser';

const ROOT = join(import.meta.dirname, '../..');
const RULES = createRequire(import.meta.url)('./layers.cjs') as IFlattenedRuleSet & {
  options: ICruiseOptions;
};

/** @returns each broken rule as `rule: from -> to` */
async function violations(baseDir: string): Promise<string[]> {
  const { options, ...ruleSet } = RULES;
  const { output } = await cruise(['src'], { ...options, ruleSet, baseDir });
  const { summary } = output as ICruiseResult;
  return summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`);
}

/** @returns the TypeScript files of src, with `/` between their folders */
function sources(): string[] {
  return globSync('src/**/*.ts', { cwd: ROOT }).map((path) => path.replaceAll('\\', '/'));
}

async function filesWith(pattern: RegExp): Promise<string[]> {
  const texts = await Promise.all(
    sources().map(async (path) => [path, await readFile(join(ROOT, path), 'utf8')] as const),
  );
  return texts.filter(([, text]) => pattern.test(text)).map(([path]) => path);
}

describe('architecture', function () {
  // It reads every file of src, which takes a busy machine its time.
  this.timeout(120_000);

  it('keeps the layers of the design', async () => {
    assert.deepEqual(await violations(ROOT), []);
  });

  it('reads the environment in one place of the functions and in one of the editor', async () => {
    const readers = await filesWith(/\bprocess\s*(\.|\[['"])env\b/);
    assert.deepEqual(readers.filter((path) => !path.startsWith('src/local/')).sort(), [
      'src/aws/config/environment.ts',
      'src/lambda/env.ts',
    ]);
  });

  it('imports vscode at run time in one place', async () => {
    const runtime = /^import (?!type\b).*from 'vscode'|\b(import|require)\(['"]vscode['"]\)/m;
    assert.deepEqual(await filesWith(runtime), ['src/extension.ts']);
  });

  it('has no utils folder and no barrel', () => {
    const folders = sources().flatMap((path) => dirname(path).split('/'));
    assert.deepEqual(
      folders.filter((folder) => /^(utils?|helpers?|common|shared|misc)$/i.test(folder)),
      [],
    );
    assert.deepEqual(
      sources().filter((path) => /^index\./.test(basename(path))),
      [],
    );
  });

  it('has kebab-case names and at most 300 lines a file, half of them at most 100', async () => {
    const lines = await Promise.all(
      sources().map(async (path) => (await readFile(join(ROOT, path), 'utf8')).split('\n').length - 1),
    );
    assert.ok(Math.max(...lines) <= 300);
    assert.ok(lines.toSorted((a, b) => a - b)[Math.floor(lines.length / 2)]! <= 100);
    assert.deepEqual(
      sources().filter((path) => !/^[a-z0-9/-]+\.ts$/.test(path)),
      [],
    );
  });
});

describe('architecture rules', () => {
  /** What each file holds, and the rule that it breaks; none for the files that do as they should. */
  const tree: Record<string, [source: string, rule?: string]> = {
    'src/extension.ts': [
      `import * as vscode from 'vscode'; import './ui/good.ts'; import './aws/good.ts'; import './lambda/webhook.ts';
       export const late = () => import('./ui/late.ts'); export { vscode };`,
      'the-root-imports-no-lambda',
    ],
    'src/core/good.ts': [`import 'node:crypto'; export type Good = string; export const good = 1;`],
    'src/core/pulls-app.ts': [
      `import type { App } from '../app/good.ts'; export type X = App;`,
      'core-imports-only-itself',
    ],
    'src/core/files/good.ts': [`import '../good.ts'; export const file = 1;`],
    'src/core/files/pulls-ittybit.ts': [`import '../ittybit/good.ts';`, 'core-files-imports-only-from-below'],
    'src/core/ittybit/good.ts': [`import '../files/good.ts'; export const kind = 1;`],
    'src/core/ittybit/pulls-batch.ts': [`import '../batch/good.ts';`, 'core-ittybit-imports-only-from-below'],
    'src/core/batch/good.ts': [
      `import '../files/good.ts'; import '../ittybit/good.ts'; export const batch = 1;`,
    ],
    'src/core/batch/pulls-stack.ts': [`import '../stack/good.ts';`, 'core-batch-imports-only-from-below'],
    'src/core/stack/good.ts': [`import '../batch/good.ts'; export const stack = 1;`],
    'src/core/pulls-subject.ts': [`import './files/good.ts';`, 'the-files-on-top-of-core-import-no-subject'],
    'src/app/batch/good.ts': [`import '../good.ts'; export const batch = 1;`],
    'src/app/batch/pulls-stack.ts': [`import '../stack/good.ts';`, 'app-batch-stack-imports-only-from-below'],
    'src/app/stack/good.ts': [`import '../good.ts'; export const stack = 1;`],
    'src/app/watch/good.ts': [
      `import '../batch/good.ts'; import '../stack/good.ts'; export const watch = 1;`,
    ],
    'src/app/pulls-subject.ts': [`import './watch/good.ts';`, 'the-files-on-top-of-app-import-no-subject'],
    'src/core/pulls-npm.ts': [`import 'p-map'; export {};`, 'core-needs-only-node'],
    'src/core/pulls-vscode-types.ts': [
      `import type { Uri } from 'vscode'; export type X = Uri;`,
      'only-ui-and-the-root-know-vscode',
    ],
    'src/app/good.ts': [`import { good } from '../core/good.ts'; export type App = string; export { good };`],
    'src/app/pulls-aws.ts': [
      `import type { X } from '../aws/good.ts'; export type Y = X;`,
      'app-imports-only-core',
    ],
    'src/app/pulls-sdk-types.ts': [
      `import type { SQSClient } from '@aws-sdk/client-sqs'; export type X = SQSClient;`,
      'aws-sdk-stays-in-aws-lambda-and-local',
    ],
    'src/aws/good.ts': [
      `import '@aws-sdk/client-sqs'; import { good } from '../core/good.ts'; export type X = typeof good;`,
    ],
    'src/aws/errors/good.ts': [`export const error = 1;`],
    'src/aws/config/pulls-beside.ts': [
      `import '../errors/good.ts';`,
      'aws-errors-config-imports-only-from-below',
    ],
    'src/aws/pulls-app.ts': [`import '../app/good.ts';`, 'aws-imports-only-core'],
    'src/ittybit/good.ts': [`import '../core/good.ts'; export const api = 1;`],
    'src/ittybit/pulls-aws.ts': [`import '../aws/good.ts';`, 'ittybit-imports-only-core'],
    'src/lambda/consumer.ts': [
      `import '../core/good.ts'; import '../app/good.ts'; import '../aws/good.ts'; import '../ittybit/good.ts';
       import 'aws-lambda';
       export const load = () => import('@aws-sdk/client-ssm');`,
    ],
    'src/lambda/webhook.ts': [`import '../ui/late.ts';`, 'lambda-imports-only-core-app-aws-ittybit'],
    'src/lambda/pulls-npm.ts': [`import '../app/pulls-npm.ts';`, 'handlers-need-only-the-sdk'],
    'src/app/pulls-npm.ts': [`import 'p-map'; export {};`],
    'src/ui/good.ts': [`import type { Uri } from 'vscode'; import '../app/good.ts'; export type X = Uri;`],
    'src/ui/base/pulls-up.ts': [`import '../watch/good.ts';`, 'ui-base-imports-only-from-below'],
    'src/ui/connection/pulls-up.ts': [`import '../watch/good.ts';`, 'ui-connection-imports-only-from-below'],
    'src/ui/watch/good.ts': [`export const watch = 1;`],
    'src/ui/watch/pulls-up.ts': [`import '../pipeline/good.ts';`, 'ui-watch-imports-only-from-below'],
    'src/ui/pipeline/good.ts': [`import '../watch/good.ts'; export const row = 1;`],
    'src/ui/buckets/pulls-beside.ts': [
      `import '../pipeline/good.ts';`,
      'ui-pipeline-buckets-batches-failures-imports-only-from-below',
    ],
    'src/ui/enqueue/pulls-up.ts': [`import '../all-commands.ts';`, 'ui-enqueue-imports-only-from-below'],
    'src/ui/all-commands.ts': [`import './pipeline/good.ts';`],
    'src/ui/late.ts': [`export const late = 1;`],
    'src/ui/pulls-vscode.ts': [
      `import { window } from 'vscode'; export { window };`,
      'ui-takes-only-types-of-vscode',
    ],
    'src/ui/loads-vscode.ts': [
      `export const load = () => import('vscode');`,
      'ui-takes-only-types-of-vscode',
    ],
    'src/ui/pulls-aws.ts': [
      `export const load = () => import('../aws/good.ts');`,
      'ui-imports-only-core-app',
    ],
    'src/ui/pulls-root.ts': [`import '../extension.ts';`, 'no-file-imports-the-root'],
    'src/ui/pulls-local.ts': [`import '../local/main.ts';`, 'only-local-imports-local'],
    'src/local/main.ts': [`import '../app/good.ts'; import '../aws/good.ts'; import '@aws-sdk/client-s3';`],
    'src/local/pulls-lambda.ts': [`import '../lambda/consumer.ts';`, 'local-imports-only-core-app-aws'],
    'src/app/ring-a.ts': [`import type { B } from './ring-b.ts'; export type A = B;`, 'no-cycles'],
    'src/aws/rooms/a.ts': [`import '../next/b.ts'; export const a = 1;`, 'no-rings-of-folders'],
    'src/aws/rooms/c.ts': [`export const c = 1;`],
    'src/aws/next/b.ts': [`import '../rooms/c.ts'; export const b = 1;`],
    'src/app/ring-b.ts': [`import type { A } from './ring-a.ts'; export type B = A;`],
    'src/app/needless.ts': [`import '../core/good.ts'; export const alone = 1;`, 'no-orphans'],
    'src/app/dangles.ts': [`import './not-there.ts';`, 'everything-resolves'],
    'src/app/pulls-tests.ts': [`import '../../test/helper.ts';`, 'src-imports-no-tests'],
    'test/helper.ts': [`export {};`],
    'node_modules/p-map/package.json': [`{"name":"p-map","main":"index.js"}`],
    'node_modules/p-map/index.js': [`module.exports = 1;`],
    'node_modules/@types/vscode/package.json': [`{"name":"@types/vscode","types":"index.d.ts"}`],
    'node_modules/@types/vscode/index.d.ts': [`declare module 'vscode' { export class Uri {} }`],
  };
  let folder: string;
  let found: string[];

  before(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'layers-')));
    for (const [path, [source]] of Object.entries(tree)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), source);
    }
    found = await violations(folder);
  });
  after(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  for (const [path, [, rule]] of Object.entries(tree)) {
    if (rule === undefined) continue;
    it(`${rule} catches ${path}`, () => {
      // An orphan is the far end of its rule; a ring is one of folders.
      const from = rule === 'no-rings-of-folders' ? dirname(path) : path;
      const side = rule === 'no-orphans' ? `-> ${path}` : `: ${from} ->`;
      assert.ok(
        found.some((each) => each.startsWith(`${rule}:`) && each.includes(side)),
        found.join('\n'),
      );
    });
  }

  it('has a file here for every rule', () => {
    const broken = new Set(Object.values(tree).map(([, rule]) => rule));
    assert.deepEqual(
      RULES.forbidden?.filter(({ name }) => !broken.has(name)),
      [],
    );
  });

  it('leaves alone what does as it should', () => {
    const good = Object.entries(tree).filter(([, [, rule]]) => rule === undefined);
    for (const [path] of good) {
      const against = found.filter(
        (each) => each.includes(`: ${path} ->`) && !/^no-(orphans|cycles):/.test(each),
      );
      assert.deepEqual(against, [], path);
    }
  });
});
