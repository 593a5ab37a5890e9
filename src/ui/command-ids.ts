/** Every command of the extension; package.json contributes exactly these. */
export const COMMAND_IDS = [
  'mediaBatch.deployPipeline',
  'mediaBatch.setApiKey',
  'mediaBatch.showLog',
] as const;
export type CommandId = (typeof COMMAND_IDS)[number];
