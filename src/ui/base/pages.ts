import type { Disposable } from '../../core/lifetime.ts';
import type { Page } from '../../core/page.ts';

export type Fetch<Item> = (next: string | undefined, signal: AbortSignal) => Promise<Page<Item>>;

interface Level<Item> {
  readonly controller: AbortController;
  readonly fetch: Fetch<Item>;
  pages: Promise<Page<Item>>;
  /** how many pages have been read */
  count: number;
  /** the request for the next page, while it runs */
  growing: Promise<void> | undefined;
}

/**
 * The pages that have been listed so far, for each level. A level is requested once and grows by one page at a time, so that
 * drawing it again costs no request. A failed page is not kept.
 */
export class Pages<Item> implements Disposable {
  readonly #levels = new Map<string, Level<Item>>();
  /** how many pages each expired level had */
  readonly #wanted = new Map<string, number>();

  /**
   * @param fetch requests a page of this level; the function of the first call serves all its pages
   * @returns all pages so far as one; reads the first page where there is none yet
   */
  get(id: string, fetch: Fetch<Item>): Promise<Page<Item>> {
    const known = this.#levels.get(id);
    if (known) return known.pages;
    const controller = new AbortController();
    const count = this.#wanted.get(id) ?? 1;
    this.#wanted.delete(id);
    const pages = read(fetch, count, controller.signal);
    const level = { controller, fetch, pages, count, growing: undefined };
    this.#levels.set(id, level);
    level.pages.catch(() => {
      if (this.#levels.get(id) === level) this.#levels.delete(id);
    });
    return level.pages;
  }

  /** Requests the next page of a level, if there is one. Two calls at the same time make one request. */
  async more(id: string): Promise<void> {
    const level = this.#levels.get(id);
    if (!level) return;
    level.growing ??= grow(level).finally(() => {
      level.growing = undefined;
    });
    await level.growing;
  }

  /** Makes the next `get` of a level request as many pages again as the level has now. */
  expire(id: string): void {
    const level = this.#levels.get(id);
    if (!level) return;
    this.#levels.delete(id);
    level.controller.abort();
    this.#wanted.set(id, level.count);
  }

  /** Forgets every level whose id begins with this text, and aborts its requests. */
  forget(idPrefix: string): void {
    for (const [id, { controller }] of this.#levels) {
      if (!id.startsWith(idPrefix)) continue;
      this.#levels.delete(id);
      controller.abort();
    }
    for (const id of this.#wanted.keys()) if (id.startsWith(idPrefix)) this.#wanted.delete(id);
  }

  dispose(): void {
    this.forget('');
  }
}

/** @returns the first `count` pages as one, or fewer where there are no more */
async function read<Item>(fetch: Fetch<Item>, count: number, signal: AbortSignal): Promise<Page<Item>> {
  let pages = await fetch(undefined, signal);
  for (let read = 1; read < count && pages.next !== undefined; read += 1) {
    pages = joined(pages, await fetch(pages.next, signal));
  }
  return pages;
}

async function grow<Item>(level: Level<Item>): Promise<void> {
  const before = await level.pages;
  if (before.next === undefined) return;
  const page = await level.fetch(before.next, level.controller.signal);
  level.pages = Promise.resolve(joined(before, page));
  level.count += 1;
}

function joined<Item>(before: Page<Item>, { items, next }: Page<Item>): Page<Item> {
  return { items: [...before.items, ...items], next };
}
