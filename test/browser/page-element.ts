/** What is read of an element in the page; the tests themselves run without a DOM. */
export interface PageElement {
  readonly textContent: string | null;
  readonly value?: string;
  readonly placeholder?: string;
  readonly style: { readonly display: string; readonly top: string };
  getAttribute(name: string): string | null;
  querySelector(selector: string): PageElement | null;
  querySelectorAll(selector: string): Iterable<PageElement>;
}
