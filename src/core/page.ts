/** A page of anything that is listed; `next` asks for the page behind it, undefined where this is the last. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | undefined;
}

export interface PageRequest {
  /** at most so many items */
  readonly limit: number;
  /** `next` of the page before */
  readonly next?: string | undefined;
}
