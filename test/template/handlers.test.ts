import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
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

/** The code of all functions, as the template unpacks it. */
const CODE = 'functions.js';
/** The functions of the stack, and the handler of each. */
const HANDLERS = { Consumer: 'consumer', Reconciler: 'reconciler', Webhook: 'webhook' } as const;
/** Functions that the code has, by the names of its source. */
const NAMES = ['claimStep', 'createStackParts', 'receiveCallback', 's3Uri'];

describe('the handlers in the template', () => {
  let template: Template;
  let folder: string;
  let code: string;

  before(async function () {
    this.timeout(20_000);
    template = parseTemplate(await buildTemplate());
    folder = await mkdtemp(join(tmpdir(), 'media-batch-handlers-'));
    code = await readFile(join(HANDLERS_FOLDER, CODE), 'utf8');
  });
  after(() => rm(folder, { recursive: true, force: true }));

  /** Runs a program beside the functions' code, with the SDK where the Lambda runtime has it. */
  const runBeside = async (id: string, program: string, env: NodeJS.ProcessEnv = {}): Promise<string> => {
    await writeFile(join(folder, 'index.js'), inlineCode(template));
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', program], {
      cwd: folder,
      env: { ...functionEnvironment(template, id), ...env },
    });
    return stdout.trim();
  };

  it('are all that is in dist/handlers', async () => {
    const files = Object.values(HANDLERS).map((handler) => `${handler}.js`);
    // That of the cloud enqueue is in its own template.
    assert.deepEqual((await readdir(HANDLERS_FOLDER)).sort(), [...files, CODE, 'sorter.js'].sort());
  });

  it('are one text, which every function of the stack takes', () => {
    const functions = Object.entries(template.Resources).filter(
      ([, { Type }]) => Type === 'AWS::Lambda::Function',
    );
    assert.deepEqual(functions.map(([id]) => id).sort(), Object.keys(HANDLERS));
    for (const [id, { Properties = {} }] of functions) {
      assert.deepEqual(Properties['Code'], {
        ZipFile: { 'Fn::FindInMap': ['Functions', 'Code', 'ZipFile'] },
      });
      assert.equal(Properties['Handler'], `index.${HANDLERS[id as keyof typeof HANDLERS]}`);
    }
  });

  it(`unpack to exactly dist/handlers/${CODE}`, () => {
    const source = inlineCode(template);
    assert.equal(source.split('\n').length, 1);
    assert.ok(source.startsWith(`/* Media Batch: dist/handlers/${CODE}, brotli, base 91 */`));
    const [, packed = ''] = /let s="([^"'\\]{1000,})"/.exec(source) ?? [];
    assert.equal(brotliDecompressSync(fromBase91(packed)).toString(), code);
    // CloudFormation would take such a text for a reference to a secret.
    assert.ok(!packed.includes('{{resolve:'));
  });

  it("can be read: names of functions, a line for a statement, and only the runtime's own modules", () => {
    assert.doesNotThrow(() => new Script(`(function (module, exports, require) {${code}\n})`));
    assert.ok(code.split('\n').length > 500);
    for (const name of [...Object.values(HANDLERS), ...NAMES])
      assert.ok(new RegExp(`\\b${name}(\\(|=)`).test(code), name);
    assert.deepEqual(code.match(/require\("(?!node:|@aws-sdk\/).{0,40}/g) ?? [], []);
  });

  for (const [id, handler] of Object.entries(HANDLERS)) {
    it(`have ${handler}.js beside it, which names one handler`, async () => {
      // Out of this project, whose package.json would make modules of them.
      await cp(HANDLERS_FOLDER, folder, { recursive: true });
      const program = `
        const { handler } = require('./${handler}.js');
        console.log(typeof handler, handler === require('./${CODE}').${handler});`;
      assert.equal(await runBeside(id, program), 'function true');
    });

    it(`make the ${handler} while its container starts, and no other function`, async () => {
      // The environment is that of this function alone, and no handler is made without its variables.
      const program = `import('./index.js').then(() => console.log('loaded'), ({ message }) => console.log(message))`;
      const _HANDLER = `index.${handler}`;
      assert.equal(await runBeside(id, program, { _HANDLER }), 'loaded');
      const said = await runBeside(id, program, { _HANDLER, TABLE_NAME: undefined });
      assert.equal(said, 'The function has no environment variable TABLE_NAME: update the stack.');
      assert.equal(await runBeside(id, program, { TABLE_NAME: undefined }), 'loaded');
    });

    for (const [way, load] of [
      ['require', 'Promise.resolve(require("./index.js"))'],
      // The Lambda runtime requires a file without a package.json, and imports others.
      ['import', 'import("./index.js")'],
    ] as const) {
      it(`load as ${id} by ${way}(), and a stack trace names the function and the line of ${CODE}`, async () => {
        const program = `${load}.then((code) => code.${handler}()).catch(({ stack }) => console.log(stack))`;
        const stack = await runBeside(id, program, { TABLE_NAME: undefined });
        const maker = `create${id}`;
        const [, line = ''] = new RegExp(`at ${maker} \\(.*index\\.js:(\\d+):\\d+\\)`).exec(stack) ?? [];
        const lines = code.split('\n').slice(0, Number(line));
        assert.match(lines.slice(-8).join('\n'), new RegExp(`function ${maker}\\(`), stack);
      });
    }
  }
});

/** Two characters from `#` to `}` are 13 bits; `!` stands for `'` and `~` for `\`. */
function fromBase91(text: string): Buffer {
  const digits = Array.from(text, (letter) => {
    const stood = { '!': "'", '~': '\\' }[letter] ?? letter;
    return stood.charCodeAt(0) - '#'.charCodeAt(0);
  });
  const pairs = digits.flatMap((digit, i) => (i % 2 === 0 ? [digit * 91 + digits[i + 1]!] : []));
  const bits = pairs.map((pair) => pair.toString(2).padStart(13, '0')).join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
}
