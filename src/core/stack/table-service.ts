/** An index of a table. */
export interface TableIndex {
  readonly name: string;
  /** undefined where the service does not say */
  readonly status: string | undefined;
  /** names of the partition key and the sort key */
  readonly keys: readonly string[];
}

/** What AWS says of a table without reading an item. */
export interface Table {
  readonly status: string;
  /** names of the partition key and the sort key */
  readonly keys: readonly string[];
  readonly indexes: readonly TableIndex[];
}

export interface TableService {
  /** @returns undefined where there is no such table */
  describe(table: string, signal?: AbortSignal): Promise<Table | undefined>;
}
