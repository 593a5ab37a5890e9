import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deployPipeline } from '../../app/stack/deploy-pipeline.ts';
import type { CloudServices } from '../../core/stack/cloud-services.ts';
import { MediaBatchError } from '../../core/errors.ts';
import type { StackEvent } from '../../core/stack/stack-service.ts';
import {
  DEFAULT_STACK_NAME,
  type StackOutputs,
  type StackParameters,
  type Tuning,
} from '../../core/stack/stack-contract.ts';

const TEMPLATE_FILE = join(import.meta.dirname, '../../../dist/pipeline.yaml');
/** Twice as many files at once as by default, and no wait for a full batch, because the demo's user is watching. */
export const LOCAL_TUNING: Tuning = { batchSize: 5, maximumConcurrency: 4, maximumBatchingWindow: 0 };

/**
 * Deploys the built template to the local cloud, with the same use case as the extension.
 * @param template the built template's text; absent: the one in dist/
 */
export async function deployLocally(
  services: CloudServices,
  ittybitUrl: string,
  options: {
    parameters?: StackParameters;
    template?: string;
    stackName?: string;
    onEvent?: (event: StackEvent) => void;
    signal?: AbortSignal | undefined;
  } = {},
): Promise<StackOutputs> {
  const { onEvent, signal, stackName = DEFAULT_STACK_NAME } = options;
  const request = {
    stackName,
    templateBody: options.template ?? (await readFile(TEMPLATE_FILE, 'utf8')),
    parameters: {
      IttybitApiUrl: ittybitUrl,
      BatchSize: String(LOCAL_TUNING.batchSize),
      MaximumConcurrency: String(LOCAL_TUNING.maximumConcurrency),
      MaximumBatchingWindow: String(LOCAL_TUNING.maximumBatchingWindow),
      ...options.parameters,
    },
  };
  const result = await deployPipeline(request, services, {
    everyMs: 200,
    signal,
    ...(onEvent && { onEvent }),
  });
  if (result.outcome === 'declined') throw new MediaBatchError('local-cloud', 'The deploy was declined.');
  return result.outputs;
}
