/** The whole test, as `npm test` and CI run it: says first what is missing here, then runs one part after the other. */
import { closingLines, NONE } from './run/counts.ts';
import { findLacks } from './run/preflight.ts';
import { runParts } from './run/run-parts.ts';

/** Scripts of package.json, the quick ones first. */
const PARTS = [
  'check',
  'build',
  'test:unit',
  'test:model',
  'test:template',
  'test:package',
  'test:cloud',
  'test:vscode',
  'test:browser',
];

process.exitCode = await main();

async function main(): Promise<number> {
  const { required, optional } = await findLacks();
  for (const lack of [...required, ...optional]) console.log(lack);
  if (required.length > 0) {
    console.log('Nothing was run.');
    for (const line of closingLines({ ...NONE, failed: required.length })) console.log(line);
    return 1;
  }
  return runParts(
    PARTS.map((name) => ({ name, command: ['npm', 'run', '--silent', name] })),
    console.log,
  );
}
