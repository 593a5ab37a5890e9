import type { StoredOrder } from '../../core/batch/batch-codec.ts';
import { InvalidInputError } from '../../core/errors.ts';

/**
 * Reads what a batch asks for where its other answers must not depend on it.
 * @returns undefined where the batch is not known, or its job cannot be read
 */
export async function readableOrder(
  batch: string,
  services: { order(batch: string): Promise<StoredOrder | undefined> },
): Promise<StoredOrder | undefined> {
  try {
    return await services.order(batch);
  } catch (error) {
    if (error instanceof InvalidInputError) return undefined;
    throw error;
  }
}
