// Builds everything that ships, into dist/:
//   node esbuild.mjs                  template and extension, with source maps
//   node esbuild.mjs --production     the same, minified
//   node esbuild.mjs --handlers-only  only dist/pipeline.yaml
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
const { dirname, join, relative } = await import('node:path');
const { fileURLToPath } = await import('node:url');
const { parseArgs } = await import('node:util');
const { esbuild, yaml } = await loadTools();

const ROOT = dirname(fileURLToPath(import.meta.url));
const DIST = join(ROOT, 'dist');
const PARTS = 'parts';
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
    return { esbuild: await import('esbuild'), yaml: await import('yaml') };
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
    await mkdir(join(DIST, PARTS), { recursive: true });
    await buildTemplate();
    if (!options['handlers-only']) await buildExtension(options.production);
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

/** templates/pipeline.yaml without its comments, and each `ZipFile: <source file>` replaced by that handler's bundle. */
async function buildTemplate() {
  const source = join(ROOT, 'templates', 'pipeline.yaml');
  // CloudFormation's own tags (!Ref, !Sub, ...) are kept as they are; yaml warns of each.
  const document = yaml.parseDocument(await readFile(source, 'utf8'), { logLevel: 'error' });
  if (document.errors.length > 0)
    throw new Error(`templates/pipeline.yaml: ${document.errors[0].message.split('\n')[0]}`);
  const handlers = [];
  yaml.visit(document, {
    Node: (_, node) => stripComments(node),
    Pair: (_, { key, value }) => {
      stripComments(key);
      if (key.value === 'ZipFile') handlers.push(value);
    },
  });
  document.commentBefore = document.comment = null;
  await Promise.all(
    handlers.map(async (scalar) => {
      scalar.value = await bundleHandler(scalar.value);
      scalar.type = 'BLOCK_LITERAL';
    }),
  );
  const text = document.toString({ lineWidth: 0, indent: 1, indentSeq: false, flowCollectionPadding: false });
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_TEMPLATE_BYTES) {
    throw new Error(
      `dist/pipeline.yaml would be ${bytes} bytes, ${bytes - MAX_TEMPLATE_BYTES} more than CloudFormation takes without a bucket: make the handlers in src/lambda smaller.`,
    );
  }
  await write('pipeline.yaml', text);
  console.log(`dist/pipeline.yaml: ${bytes} of ${MAX_TEMPLATE_BYTES} bytes`);
}

function stripComments(node) {
  node.comment = node.commentBefore = null;
  node.spaceBefore = false;
}

/** @returns the code of one Lambda handler: all but the AWS SDK, which the Lambda runtime brings */
async function bundleHandler(entry) {
  const result = await esbuild.build({
    absWorkingDir: ROOT,
    entryPoints: [entry],
    bundle: true,
    write: false,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    external: ['@aws-sdk/*'],
    // The runtime finds its SDK through NODE_PATH, which require() follows and import() does not.
    supported: { 'dynamic-import': false },
    legalComments: 'none',
    logLevel: 'silent',
  });
  return result.outputFiles[0].text.trimEnd();
}

/**
 * dist/extension.cjs and, loaded with the first call to AWS, dist/aws.cjs; dist/parts/ has what both need (an error
 * class that existed twice would fail `instanceof`) and what the AWS SDK loads on demand. esbuild splits only ES
 * modules, and the editor loads CommonJS: so they are split first and turned into CommonJS one by one.
 */
async function buildExtension(production) {
  const common = {
    platform: 'node',
    target: 'node20',
    minify: production,
    legalComments: 'none',
    logLevel: 'silent',
  };
  const sourcemap = production ? false : 'inline';
  const { outputFiles } = await esbuild.build({
    ...common,
    absWorkingDir: ROOT,
    entryPoints: { extension: 'src/extension.ts', aws: 'src/aws/services.ts' },
    outdir: DIST,
    outExtension: { '.js': '.cjs' },
    chunkNames: `${PARTS}/[hash]`,
    bundle: true,
    splitting: true,
    write: false,
    format: 'esm',
    external: ['vscode'],
    // Their ES module builds: only those can be cut down to what is used.
    mainFields: ['module', 'main'],
    sourcemap,
  });
  const names = await Promise.all(
    outputFiles.map(async ({ path, text }) => {
      const name = relative(DIST, path);
      const options = {
        ...common,
        format: 'cjs',
        supported: { 'dynamic-import': false },
        sourcemap,
        sourcefile: name,
      };
      const { code } = await esbuild.transform(text, options);
      await write(name, code);
      return name;
    }),
  );
  const parts = names.filter((name) => dirname(name) === PARTS);
  for (const old of await readdir(join(DIST, PARTS))) {
    if (!parts.includes(join(PARTS, old))) await rm(join(DIST, PARTS, old), { force: true });
  }
  const kilobytes = Math.round(outputFiles.reduce((sum, { contents }) => sum + contents.length, 0) / 1024);
  console.log(`dist/extension.cjs, dist/aws.cjs and ${parts.length} parts: ${kilobytes} KB`);
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
