// Builds everything that ships, into dist/, and resources/job.schema.json:
//   node esbuild.mjs                  templates, job schema and extension, with source maps
//   node esbuild.mjs --production     the same, minified
//   node esbuild.mjs --handlers-only  only the two templates and dist/handlers/
//   node esbuild.mjs --watch          again after each change
const MIN_NODE = 20;
if (Number(process.versions.node.split('.')[0]) < MIN_NODE) {
  console.error(
    `The build needs Node ${MIN_NODE} or newer, and this is ${process.version}: install one from https://nodejs.org.`,
  );
  process.exit(1);
}
const { mkdir, readdir, readFile, rename, rm, writeFile } = await import('node:fs/promises');
const { watch } = await import('node:fs');
const { basename, dirname, join } = await import('node:path');
const { fileURLToPath } = await import('node:url');
const { parseArgs } = await import('node:util');
const { brotliCompressSync } = await import('node:zlib');
const { esbuild, minify, yaml } = await loadTools();

const ROOT = dirname(fileURLToPath(import.meta.url));
const DIST = join(ROOT, 'dist');
const CORE = join('src', 'core');
// Only the build uses it: the editor reads the file that comes of it.
const JOB_SCHEMA = join(CORE, 'ittybit', 'job-schema.ts');
/** The functions of the stack; src/lambda/functions.ts exports a handler for each. */
const FUNCTIONS = ['consumer', 'webhook', 'reconciler'];
/** Where the template names that file. */
const CODE = ['Mappings', 'Functions', 'Code', 'ZipFile'];
/** Where the template of the cloud enqueue names its one function, and the definitions of its state machines. */
const SORTER_CODE = ['Resources', 'Sorter', 'Properties', 'Code', 'ZipFile'];
const MACHINES = ['MediaBatchEnumerator', 'MediaBatchSender'].map((id) => [
  'Resources',
  id,
  'Properties',
  'DefinitionString',
]);
// CloudFormation's ceiling for a template that is sent without a bucket: CreateStack, TemplateBody.
const MAX_TEMPLATE_BYTES = 51_200;

try {
  const { values: options } = parseArgs({
    options: {
      production: { type: 'boolean', default: false },
      'handlers-only': { type: 'boolean', default: false },
      watch: { type: 'boolean', default: false },
    },
  });
  const built = await run(options);
  if (options.watch) watchSources(options);
  else if (!built) process.exitCode = 1;
} catch (error) {
  // What the build itself meets, run() has said already: this is an option that there is none of.
  report(error);
  process.exitCode = 1;
}

async function loadTools() {
  try {
    const [esbuild, { minify }, yaml] = await Promise.all([
      import('esbuild'),
      import('terser'),
      import('yaml'),
    ]);
    return { esbuild, minify, yaml };
  } catch (error) {
    const missing = error.code === 'ERR_MODULE_NOT_FOUND';
    console.error(
      missing
        ? 'The build tools are not installed: run "npm ci" first.'
        : `The build tools do not load: ${error.message}`,
    );
    process.exit(1);
  }
}

/** @returns true when everything was built; says what went wrong otherwise, a line each */
async function run(options) {
  try {
    await mkdir(join(DIST, 'handlers'), { recursive: true });
    await buildPipeline();
    await buildEnumerator();
    if (!options['handlers-only']) {
      await buildJobSchema();
      await buildExtension(options.production);
    }
    return true;
  } catch (error) {
    report(error);
    return false;
  }
}

function report(error) {
  for (const { text, location } of error.errors ?? [{ text: error.message }]) {
    console.error(location ? `${location.file}:${location.line}:${location.column + 1}: ${text}` : text);
  }
}

/** The template of the stack, the name of the functions' source file replaced by its code, packed. */
async function buildPipeline() {
  const document = await readTemplate('pipeline.yaml');
  await putCode(document, CODE, FUNCTIONS);
  for (const name of FUNCTIONS) {
    await write(`handlers/${name}.js`, `exports.handler = require('./functions.js').${name};\n`);
  }
  await writeTemplate('pipeline.yaml', document);
}

/** The template of the cloud enqueue: as the other one, with the definitions of its state machines in one line each. */
async function buildEnumerator() {
  const document = await readTemplate('enumerator.yaml');
  await putCode(document, SORTER_CODE, ['sorter']);
  for (const place of MACHINES) {
    const definition = await readFile(join(ROOT, document.getIn(place)), 'utf8');
    document.setIn(place, JSON.stringify(JSON.parse(definition)));
  }
  await writeTemplate('enumerator.yaml', document);
}

/** @returns a template of templates/ without comments and metadata */
async function readTemplate(name) {
  // CloudFormation's own tags (!Ref, !Sub, ...) are kept as they are; yaml warns of each.
  const document = yaml.parseDocument(await readFile(join(ROOT, 'templates', name), 'utf8'), {
    logLevel: 'error',
  });
  if (document.errors.length > 0)
    throw new Error(`templates/${name}: ${document.errors[0].message.split('\n')[0]}`);
  yaml.visit(document, {
    Node: (_, node) => stripComments(node),
    Pair: (_, { key }) => stripComments(key),
  });
  document.commentBefore = document.comment = null;
  // It tells checkov only, which reads the source.
  for (const { value: resource } of document.get('Resources').items) resource.delete('Metadata');
  return document;
}

/** Puts the code in the place of the source file's name. @param exported what the code exports */
async function putCode(document, place, exported) {
  const entry = document.getIn(place);
  const name = `handlers/${basename(entry, '.ts')}.js`;
  const code = await bundleHandler(entry);
  await write(name, code);
  document.setIn(place, packHandler(name, code, exported));
}

async function writeTemplate(name, document) {
  // From the second level on, a line for each value would be mostly indentation.
  yaml.visit(document, {
    Collection: (_, node, path) => {
      node.flow = path.filter(yaml.isCollection).length >= 2;
    },
  });
  const text = withoutGaps(
    document.toString({ lineWidth: 0, indent: 1, indentSeq: false, flowCollectionPadding: false }),
  );
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_TEMPLATE_BYTES) {
    throw new Error(
      `dist/${name} would be ${bytes} bytes, ${bytes - MAX_TEMPLATE_BYTES} more than CloudFormation takes without a bucket: make the handlers in src/lambda smaller.`,
    );
  }
  await write(name, text);
  console.log(`dist/${name}: ${bytes} of ${MAX_TEMPLATE_BYTES} bytes`);
}

/** Takes the space after each comma of a flow collection away. */
function withoutGaps(text) {
  const tokens = [...new yaml.Parser().parse(text)];
  for (const token of tokens.filter(({ type }) => type === 'document')) {
    yaml.CST.visit(token, ({ start }) => {
      const comma = start.findIndex(({ type }) => type === 'comma');
      if (comma >= 0 && start[comma + 1]?.type === 'space') start.splice(comma + 1, 1);
    });
  }
  return tokens.map((token) => yaml.CST.stringify(token)).join('');
}

function stripComments(node) {
  node.comment = node.commentBefore = null;
  node.spaceBefore = false;
}

/** @returns the files of a bundle for Node, in memory */
async function bundle(options) {
  const common = { absWorkingDir: ROOT, bundle: true, write: false, platform: 'node', logLevel: 'silent' };
  return (await esbuild.build({ ...common, legalComments: 'none', ...options })).outputFiles;
}

/** @returns the code of one Lambda handler: all but the AWS SDK, which the Lambda runtime brings */
async function bundleHandler(entry) {
  const [file] = await bundle({
    entryPoints: [entry],
    target: 'node24',
    format: 'cjs',
    external: ['@aws-sdk/*'],
    // The runtime finds its SDK through NODE_PATH, which require() follows and import() does not.
    supported: { 'dynamic-import': false },
  });
  return shorten(file.text);
}

/**
 * Makes code small and leaves it readable: functions keep their names, and each statement has a line, so that a review and
 * a stack trace can name them. Shorter names would save 0.7 kB of the template.
 */
async function shorten(code) {
  const { code: short } = await minify(code, {
    ecma: 2020,
    compress: {
      ecma: 2020,
      toplevel: true,
      passes: 3,
      inline: false,
      join_vars: false,
      sequences: false,
    },
    mangle: { toplevel: true, keep_fnames: true, keep_classnames: true },
    format: { semicolons: false },
  });
  return `${short}\n`;
}

/**
 * What a function has as its index.js: the code as brotli, compiled as that very module, so that its exports, its
 * `require` and the lines of its stack traces are those of the code. The last words tell `import()` what is exported.
 * Base 91 is 8 % shorter than base64: two characters from `#` to `}` hold 13 bits, and `!` and `~` stand for the
 * apostrophe and the backslash, which YAML and JavaScript would escape.
 */
function packHandler(name, code, exported) {
  const packed = base91(brotliCompressSync(code));
  const unpack = `let s="${packed}",b=[],n=0,k=0,i=0,d=c=>(c=s.charCodeAt(i++))==33?4:c==126?57:c-35;while(i<s.length)for(n=n<<13|d()*91+d(),k+=13;k>7;)b.push(n>>(k-=8)&255)`;
  return `/* Media Batch: dist/${name}, brotli, base 91 */${unpack};module._compile(require("zlib").brotliDecompressSync(Buffer.from(b)).toString(),__filename);0&&(${exported.map((each) => `exports.${each}`).join('=')}=0)`;
}

/** The bits that are left at the end are filled with zeros, which brotli does not read. */
function base91(bytes) {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const characters = bits.match(/.{1,13}/g).flatMap((part) => {
    const value = parseInt(part.padEnd(13, '0'), 2);
    return [Math.floor(value / 91), value % 91].map((digit) => ({ 4: 33, 57: 126 })[digit] ?? digit + 35);
  });
  return String.fromCharCode(...characters);
}

/** resources/job.schema.json, from the table that the checks use as well. */
async function buildJobSchema() {
  const [file] = await bundle({ entryPoints: [JOB_SCHEMA], format: 'esm' });
  const code = Buffer.from(file.contents).toString('base64');
  const { jobSchema } = await import(`data:text/javascript;base64,${code}`);
  await write(join('..', 'resources', 'job.schema.json'), `${JSON.stringify(jobSchema(), undefined, 2)}\n`);
}

/**
 * dist/extension.cjs; dist/aws.cjs, which is loaded with the first call to AWS; dist/enqueue-thread.cjs and
 * dist/send-thread.cjs, which worker threads begin with. What several of them need is in dist/shared-*.cjs, so that each
 * module exists once and a thread loads no more than it uses. What the AWS SDK loads on demand, as it does for each kind of
 * credentials, stays in its file and runs when it is first asked for.
 */
async function buildExtension(production) {
  const sourcemap = production ? false : 'inline';
  const modules = await bundle({
    outdir: DIST,
    entryPoints: {
      extension: 'src/extension.ts',
      aws: 'src/aws/services.ts',
      'enqueue-thread': 'src/enqueue-thread.ts',
      'send-thread': 'src/aws/send-thread.ts',
    },
    chunkNames: 'shared-[hash]',
    outExtension: { '.js': '.cjs' },
    target: 'node22',
    // esbuild shares code among ES modules only.
    format: 'esm',
    splitting: true,
    // Only code of the SDK for browsers asks for bowser.
    external: ['vscode', 'bowser'],
    // Their ES module builds: only those can be cut down to what is used.
    mainFields: ['module', 'main'],
    minify: production,
    sourcemap,
    plugins: [
      { name: 'lazy-parts', setup: keepLazyParts },
      { name: 'no-providers', setup: leaveOutProviders },
    ],
  });
  const common = {
    format: 'cjs',
    target: 'node22',
    supported: { 'dynamic-import': false },
    banner: '"use strict";',
    sourcemap,
  };
  const files = await Promise.all(
    modules.map(async ({ path, text }) => {
      const { code } = await esbuild.transform(text, { ...common, platform: 'node', minify: production });
      return { name: basename(path), code };
    }),
  );
  for (const { name, code } of files) await write(name, code);
  const names = files.map(({ name }) => name);
  // The editor of a developer may still load a part of the last build.
  const isOld = (name) => production && /\.cjs$/.test(name) && !names.includes(name);
  for (const name of (await readdir(DIST)).filter(isOld)) await rm(join(DIST, name), { force: true });
  console.log(
    `dist/: ${files.map(({ name, code }) => `${name} ${Math.round(code.length / 1024)} KB`).join(', ')}`,
  );
}

/** An esbuild plugin: a part of the SDK that loads on demand would be a file of its own, 35 in all. */
function keepLazyParts(build) {
  build.onLoad({ filter: /node_modules.(@aws-sdk|@smithy).*\.js$/ }, async ({ path }) => {
    const code = await readFile(path, 'utf8');
    return {
      contents: code.replace(/\bimport\((["'][^"']+["'])\)/g, 'Promise.resolve().then(() => require($1))'),
    };
  });
}

/** An esbuild plugin: our clients are always given credentials, and need none of the SDK's ways to find some. */
function leaveOutProviders(build) {
  build.onResolve({ filter: /^@aws-sdk\/credential-provider-node$/ }, ({ path }) => ({
    path,
    namespace: 'none',
  }));
  build.onLoad({ filter: /^/, namespace: 'none' }, () => ({
    contents: 'export const defaultProvider = undefined;',
  }));
}

/** Whoever reads the file meanwhile gets the old one or the new one, never half of it. */
async function write(name, text) {
  const file = join(DIST, name);
  await writeFile(`${file}.${process.pid}`, text);
  await rename(`${file}.${process.pid}`, file);
}

function watchSources(options) {
  let timer;
  let running = Promise.resolve();
  const again = () => {
    clearTimeout(timer);
    timer = setTimeout(() => (running = running.then(() => run(options))), 100);
  };
  for (const folder of ['src', 'templates']) watch(join(ROOT, folder), { recursive: true }, again);
  console.log('Watching src/ and templates/ for changes');
}
