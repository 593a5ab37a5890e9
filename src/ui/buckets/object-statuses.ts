import { isAbort, messageOf } from '../../core/errors.ts';
import type { BatchRecord } from '../../core/batch/batch.ts';
import type { Disposable } from '../../core/lifetime.ts';
import type { S3Object } from '../../core/files/bucket-store.ts';
import type { Status } from '../../core/batch/result-item.ts';
import { visibleText } from '../../core/visible-text.ts';
import { newestResults, type ObjectResult } from './object-status.ts';
import { SettledBatches } from './settled-batches.ts';
import type { StackScope } from '../watch/stack-scope.ts';

interface Level {
  readonly bucket: string;
  readonly control: AbortController;
  /** objects whose status was asked for, by key */
  readonly asked: Map<string, S3Object>;
  readonly found: Map<string, ObjectResult>;
}

export interface StatusesParts {
  readonly scope: Pick<StackScope, 'read' | 'watch'>;
  /** false while the view is hidden; statuses are then asked for when the levels are drawn again */
  readonly isVisible: () => boolean;
  /** called with a level that has to be drawn again */
  readonly onChange: (level: string) => void;
  readonly onFailure: (sentence: string) => void;
}

/**
 * The statuses of the objects on the levels that are drawn, as one stack knows them. It is made with the stack's scope and
 * thrown away with it.
 */
export class ObjectStatuses implements Disposable {
  readonly #parts: StatusesParts;
  readonly #levels = new Map<string, Level>();
  readonly #settled = new SettledBatches();

  constructor(parts: StatusesParts) {
    this.#parts = parts;
  }

  /**
   * Starts to ask for the statuses that were not asked for yet, and does not wait for them.
   * @returns the newest results that are known now, by key
   */
  of(id: string, bucket: string, objects: readonly S3Object[]): ReadonlyMap<string, ObjectResult> {
    const level = this.#levels.get(id) ?? {
      bucket,
      control: new AbortController(),
      asked: new Map(),
      found: new Map(),
    };
    this.#levels.set(id, level);
    const open = objects.filter(({ key }) => !level.asked.has(key));
    if (open.length > 0 && this.#canAsk()) void this.#ask(id, level, open);
    return level.found;
  }

  /** Forgets a level and the levels below it. @param idPrefix the level's id; '' for all */
  forget(idPrefix: string): void {
    for (const [id, { control }] of this.#levels) {
      if (!id.startsWith(idPrefix)) continue;
      control.abort();
      this.#levels.delete(id);
    }
  }

  /** Asks again for a bucket's statuses when one of its batches has settled, except for files that are done. */
  take(batches: ReadonlyMap<string, BatchRecord> | undefined): void {
    for (const { meta } of this.#settled.take(batches)) if (meta) this.#renew(meta.bucket);
  }

  dispose(): void {
    this.forget('');
  }

  #renew(bucket: string): void {
    for (const [id, level] of this.#levels) {
      if (level.bucket !== bucket) continue;
      const open = [...level.asked.values()].filter(({ key }) => !isDone(level.found.get(key)?.status));
      if (open.length === 0) continue;
      if (this.#canAsk()) {
        void this.#ask(id, level, open);
        continue;
      }
      for (const { key } of open) level.asked.delete(key);
      this.#parts.onChange(id);
    }
  }

  #canAsk(): boolean {
    const { scope, isVisible } = this.#parts;
    const { pipeline } = scope.watch.last ?? {};
    return isVisible() && (!pipeline || pipeline.outputs !== undefined);
  }

  async #ask(id: string, level: Level, objects: readonly S3Object[]): Promise<void> {
    const { scope, onChange, onFailure } = this.#parts;
    for (const object of objects) level.asked.set(object.key, object);
    try {
      const found = await scope.read(
        ({ batches }, { resultsTable }, signal) =>
          newestResults(resultsTable, level.bucket, objects, batches, signal),
        level.control.signal,
      );
      if (found.size === 0 || level.control.signal.aborted) return;
      for (const [key, result] of found) level.found.set(key, result);
      onChange(id);
    } catch (error) {
      // Statuses are an addition: without a stack, or without the right, the level is complete without them.
      if (!isAbort(error)) onFailure(`${visibleText(id)}: ${messageOf(error)}`);
    }
  }
}

function isDone(status: Status | undefined): boolean {
  return status === 'succeeded' || status === 'covered';
}
