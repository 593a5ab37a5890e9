import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Script } from 'node:vm';
import { brotliDecompressSync } from 'node:zlib';
import {
  buildTemplate,
  functionEnvironment,
  HANDLERS_FOLDER,
  inlineCode,
  parseTemplate,
  type Template,
} from './built-template.ts';

const HANDLERS = {
  Consumer: 'consumer.js',
  Reconciler: 'reconciler.js',
  Webhook: 'webhook.js',
} as const;
/** Functions that the code of each one has. */
const NAMES = {
  Consumer: ['transition', 's3Uri'],
  Reconciler: ['isHeld', 'dispatchKey'],
  Webhook: ['transition', 's3Uri'],
} as const;

describe('the handlers in the template', () => {
  let template: Template;
  let folder: string;

  before(async function () {
    this.timeout(20_000);
    template = parseTemplate(await buildTemplate());
    folder = await mkdtemp(join(tmpdir(), 'media-batch-handlers-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  /** Runs a program beside the function's code, with the SDK where the Lambda runtime has it. */
  const runBeside = async (id: string, program: string): Promise<string> => {
    await writeFile(join(folder, 'index.js'), inlineCode(template, id));
    const env = functionEnvironment(template, id);
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', program], { cwd: folder, env });
    return stdout.trim();
  };

  it('are all that is in dist/handlers', async () => {
    assert.deepEqual((await readdir(HANDLERS_FOLDER)).sort(), Object.values(HANDLERS));
  });

  for (const [id, file] of Object.entries(HANDLERS)) {
    it(`unpack to exactly dist/handlers/${file}`, async () => {
      const source = inlineCode(template, id);
      assert.equal(source.split('\n').length, 1);
      assert.ok(source.startsWith(`/* Media Batch: dist/handlers/${file}, brotli */`));
      const [, packed = ''] = /"([A-Za-z0-9+/=]{1000,})"/.exec(source) ?? [];
      const code = brotliDecompressSync(Buffer.from(packed, 'base64'));
      assert.deepEqual(code, await readFile(join(HANDLERS_FOLDER, file)));
    });

    it(`can be read as ${file}: names of functions, a line for a statement, and only the runtime's own modules`, async () => {
      const code = await readFile(join(HANDLERS_FOLDER, file), 'utf8');
      assert.doesNotThrow(() => new Script(`(function (module, exports, require) {${code}\n})`));
      assert.ok(code.split('\n').length > 50);
      for (const name of ['handler', ...NAMES[id as keyof typeof HANDLERS]])
        assert.ok(code.includes(`function ${name}(`), name);
      assert.deepEqual(code.match(/require\("(?!node:|@aws-sdk\/).{0,40}/g) ?? [], []);
    });

    for (const [way, load] of [
      ['require', 'Promise.resolve(require("./index.js"))'],
      // The Lambda runtime requires a file without a package.json, and imports others.
      ['import', 'import("./index.js")'],
    ] as const) {
      it(`load as ${id} by ${way}(), and a stack trace names the function and the line of ${file}`, async () => {
        const stack = await runBeside(
          id,
          `${load}.then(({ handler }) => handler()).catch(({ stack }) => console.log(stack))`,
        );
        const [, line = ''] = /at \S*handler \(.*index\.js:(\d+):\d+\)/.exec(stack) ?? [];
        const code = await readFile(join(HANDLERS_FOLDER, file), 'utf8');
        const lines = code.split('\n').slice(0, Number(line));
        assert.match(lines.slice(-6).join('\n'), /function handler\(/, stack);
      });
    }
  }
});
