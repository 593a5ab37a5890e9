/** What is read of an element in the page; the tests themselves run without a DOM. */
export interface PageElement {
  readonly textContent: string | null;
  readonly clientWidth: number;
  readonly scrollWidth: number;
  readonly ownerDocument: PageDocument;
  readonly value?: string;
  readonly placeholder?: string;
  readonly style: { readonly display: string; readonly top: string };
  /** set by click.ts */
  clicked?: boolean;
  getBoundingClientRect(): PageBox;
  addEventListener(event: string, listener: () => void, options: object): void;
  getAttribute(name: string): string | null;
  matches(selector: string): boolean;
  querySelector(selector: string): PageElement | null;
  querySelectorAll(selector: string): Iterable<PageElement>;
}

interface PageBox {
  readonly right: number;
}

interface PageText {
  readonly textContent: string | null;
}

interface PageDocument {
  createTreeWalker(root: PageElement, whatToShow: number): { nextNode(): PageText | null };
  createRange(): {
    setStart(node: PageText, offset: number): void;
    setEnd(node: PageText, offset: number): void;
    getBoundingClientRect(): PageBox;
  };
}
