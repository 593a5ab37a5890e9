/**
 * The layers of src/ as rules of dependency-cruiser. Types count as imports everywhere but where a rule says
 * otherwise, as a type that crosses a layer ties it as well.
 */
const AWS = '(^|/)(@aws-sdk|@aws-crypto|@smithy|aws-lambda|@types/aws-lambda)(/|$)';
const VSCODE = '^(vscode|.*node_modules/@types/vscode/.*)$';
/** `retry-file` is a use case that the model check plays; its command comes with the failures of one cause. */
const ENTRY_POINTS =
  '^src/(extension|enqueue-thread|aws/send-thread|local/main|local/faults/main|lambda/functions|lambda/sorter|core/ittybit/job-schema|app/batch/retry-file)\\.ts$';

/** @returns a rule: within src, this layer imports only these layers and itself */
const layer = (name, ...allowed) => ({
  name: `${name}-imports-only-${allowed.join('-') || 'itself'}`,
  severity: 'error',
  from: { path: `^src/${name}/` },
  to: { path: '^src/', pathNot: `^src/(${[name, ...allowed].join('|')})/` },
});

/**
 * The floors of a layer, from the ground up: a subject imports only of the floors below its own.
 * @param subjects a floor each; subjects of one floor, which do not import each other, as `a|b`
 * @returns a rule for each floor that has something above or beside it
 */
const floors = (layer, ...subjects) =>
  subjects
    .map((floor, i) => ({
      name: `${layer}-${floor.replaceAll('|', '-')}-imports-only-from-below`,
      severity: 'error',
      from: { path: `^src/${layer}/(${floor})/` },
      to: { path: `^src/${layer}/(${subjects.slice(i).join('|')})(/|\\.ts$)`, pathNot: `^src/${layer}/$1/` },
    }))
    .filter((_, i) => i < subjects.length - 1 || subjects[i].includes('|'));

/** @returns a rule: the files on top of a layer's subjects serve all of them, and import no subject */
const ground = (layer) => ({
  name: `the-files-on-top-of-${layer}-import-no-subject`,
  severity: 'error',
  from: { path: `^src/${layer}/[^/]+$` },
  to: { path: `^src/${layer}/[^/]+/` },
});

module.exports = {
  forbidden: [
    ...floors('core', 'files', 'ittybit', 'batch', 'stack'),
    ground('core'),
    ...floors('app', 'batch|stack', 'watch'),
    ground('app'),
    ...floors('aws', 'errors|config', 'credentials'),
    ...floors(
      'ui',
      ...['base', 'connection', 'watch', 'pipeline|buckets|batches|failures', 'enqueue', 'all-commands'],
    ),
    layer('core'),
    layer('app', 'core'),
    layer('aws', 'core'),
    layer('ittybit', 'core'),
    layer('lambda', 'core', 'app', 'aws', 'ittybit'),
    layer('ui', 'core', 'app'),
    layer('local', 'core', 'app', 'aws'),
    {
      name: 'core-needs-only-node',
      severity: 'error',
      from: { path: '^src/core/' },
      to: { pathNot: '^src/', dependencyTypesNot: ['core'] },
    },
    {
      name: 'only-local-imports-local',
      severity: 'error',
      from: { pathNot: '^src/local/' },
      to: { path: '^src/local/' },
    },
    {
      name: 'no-file-imports-the-root',
      severity: 'error',
      from: {},
      to: { path: '^src/(extension|enqueue-thread)\\.ts$' },
    },
    {
      name: 'the-root-imports-no-lambda',
      severity: 'error',
      from: { path: '^src/(extension|enqueue-thread)\\.ts$' },
      to: { path: '^src/lambda/' },
    },
    { name: 'src-imports-no-tests', severity: 'error', from: { path: '^src/' }, to: { path: '^test/' } },
    {
      name: 'aws-sdk-stays-in-aws-lambda-and-local',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(aws|lambda|local)/' },
      to: { path: AWS },
    },
    {
      name: 'only-ui-and-the-root-know-vscode',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(ui/|extension\\.ts$)' },
      to: { path: VSCODE },
    },
    {
      name: 'ui-takes-only-types-of-vscode',
      severity: 'error',
      from: { path: '^src/ui/' },
      to: { path: VSCODE, dependencyTypesNot: ['type-only'] },
    },
    {
      // What a handler reaches is in the template, which CloudFormation limits: the runtime brings the SDK only. That of
      // the cloud enqueue has room, and its sorter decides with the enqueue's own code, which needs p-map.
      name: 'handlers-need-only-the-sdk',
      severity: 'error',
      from: { path: '^src/lambda/', pathNot: '^src/lambda/sorter\\.ts$' },
      to: { path: 'node_modules/', pathNot: AWS, reachable: true },
    },
    { name: 'no-rings-of-folders', scope: 'folder', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { path: ENTRY_POINTS },
      to: { path: '^src/', pathNot: ENTRY_POINTS, reachable: false },
    },
    {
      name: 'everything-resolves',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: `${VSCODE}|${AWS}` },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    validate: true,
    // A package's parts, such as csv-stringify/sync, are named in its `exports`.
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default'],
    },
  },
};
