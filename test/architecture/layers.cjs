/**
 * The layers of src/ as rules of dependency-cruiser. Types count as imports everywhere but where a rule says
 * otherwise, as a type that crosses a layer ties it as well.
 */
const AWS = '(^|/)(@aws-sdk|@aws-crypto|@smithy|aws-lambda|@types/aws-lambda)(/|$)';
const VSCODE = '^(vscode|.*node_modules/@types/vscode/.*)$';
const ENTRY_POINTS = '^src/(extension|local/main|lambda/(consumer|webhook)|core/job-schema)\\.ts$';

/** @returns a rule: this layer imports of src only these ones, itself included */
const layer = (name, ...allowed) => ({
  name: `${name}-imports-only-${allowed.join('-') || 'itself'}`,
  severity: 'error',
  from: { path: `^src/${name}/` },
  to: { path: '^src/', pathNot: `^src/(${[name, ...allowed].join('|')})/` },
});

module.exports = {
  forbidden: [
    layer('core'),
    layer('app', 'core'),
    layer('aws', 'core'),
    layer('lambda', 'core', 'app', 'aws'),
    layer('ui', 'core', 'app'),
    layer('local', 'core', 'app', 'aws'),
    {
      name: 'core-needs-only-node',
      severity: 'error',
      from: { path: '^src/core/' },
      to: { pathNot: '^src/', dependencyTypesNot: ['core'] },
    },
    {
      name: 'nobody-imports-local',
      severity: 'error',
      from: { pathNot: '^src/local/' },
      to: { path: '^src/local/' },
    },
    { name: 'nobody-imports-the-root', severity: 'error', from: {}, to: { path: '^src/extension\\.ts$' } },
    {
      name: 'the-root-imports-no-lambda',
      severity: 'error',
      from: { path: '^src/extension\\.ts$' },
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
      // What a handler reaches is in the template, which CloudFormation limits: the runtime brings the SDK only.
      name: 'handlers-need-only-the-sdk',
      severity: 'error',
      from: { path: '^src/lambda/' },
      to: { path: 'node_modules/', pathNot: AWS, reachable: true },
    },
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
  options: { tsPreCompilationDeps: true, doNotFollow: { path: 'node_modules' }, validate: true },
};
