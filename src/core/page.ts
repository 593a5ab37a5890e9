/** A page of a list. `next` asks for the following page; undefined on the last one. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | undefined;
}

export interface PageRequest {
  /** the page has at most this many items */
  readonly limit: number;
  /** `next` of the page before */
  readonly next?: string | undefined;
}
