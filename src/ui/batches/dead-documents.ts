import type * as vscode from 'vscode';
import type { BatchRecord } from '../../core/batch/batch.ts';

type Batches = ReadonlyMap<string, BatchRecord>;

interface Followed {
  readonly uri: vscode.Uri;
  readonly batch: string;
  /** of the batch, when the document was read */
  counts: string;
}

/** The documents that show a dead file or its letter: what they say may be over once the counts of its batch change. */
export class DeadDocuments {
  readonly #followed = new Map<string, Followed>();

  /** @returns true where the document was followed before */
  has(uri: vscode.Uri): boolean {
    return this.#followed.has(uri.toString());
  }

  /** @param batches what the poll knows now */
  follow(uri: vscode.Uri, batch: string, batches: Batches | undefined): void {
    this.#followed.set(uri.toString(), { uri, batch, counts: countsOf(batches, batch) });
  }

  forget(uri: vscode.Uri): void {
    this.#followed.delete(uri.toString());
  }

  /** @returns the documents of batches whose counts have changed, once for each change */
  take(batches: Batches): readonly vscode.Uri[] {
    return [...this.#followed.values()].flatMap((each) => {
      const counts = countsOf(batches, each.batch);
      if (counts === each.counts) return [];
      each.counts = counts;
      return [each.uri];
    });
  }
}

function countsOf(batches: Batches | undefined, batch: string): string {
  return JSON.stringify(batches?.get(batch)?.counts ?? {});
}
