/** What is read of an element in the page; the tests themselves run without a DOM. */
export interface PageElement {
  readonly textContent: string | null;
  readonly value?: string;
  readonly placeholder?: string;
  readonly style: { readonly display: string; readonly top: string };
  /** set by click.ts */
  clicked?: boolean;
  addEventListener(event: string, listener: () => void, options: object): void;
  getAttribute(name: string): string | null;
  matches(selector: string): boolean;
  querySelector(selector: string): PageElement | null;
  querySelectorAll(selector: string): Iterable<PageElement>;
}
