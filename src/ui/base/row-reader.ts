import { isAbort, messageOf } from '../../core/errors.ts';
import { visibleText } from '../../core/visible-text.ts';
import type { EditorContext } from './editor-context.ts';
import { messageFor } from './message-for.ts';
import type { ViewNode } from './node.ts';

/** A reading of a level. */
interface Question {
  readonly controller: AbortController;
  /** undefined where it was aborted */
  readonly answer: Promise<ViewNode[] | undefined>;
}

/** Reads the rows of levels: an error is a row, and so is the hint of a level without rows. A row keeps its object. */
export class RowReader {
  readonly #ui: Pick<EditorContext, 'vs' | 'log'>;
  readonly #roots: (signal: AbortSignal) => Promise<readonly ViewNode[]>;
  /** the latest question for each level */
  readonly #questions = new Map<string, Question>();
  readonly #parents = new Map<string, ViewNode | undefined>();
  /** the object for each id */
  readonly #nodes = new Map<string, ViewNode>();

  /** @param roots reads the first level */
  constructor(
    ui: Pick<EditorContext, 'vs' | 'log'>,
    roots: (signal: AbortSignal) => Promise<readonly ViewNode[]>,
  ) {
    this.#ui = ui;
    this.#roots = roots;
  }

  /** @returns the row with this id */
  find(id: string): ViewNode | undefined {
    return this.#nodes.get(id);
  }

  /** @returns the row that a row is under; undefined for one of the first level */
  parentOf(id: string): ViewNode | undefined {
    return this.#parents.get(id);
  }

  /**
   * Reads the rows of a level, without a row of the first one, and aborts the question for it before this one.
   * @returns the rows, those of a newer question where one has overtaken this one; undefined once the reading is aborted
   */
  async read(node: ViewNode | undefined): Promise<ViewNode[] | undefined> {
    const id = node?.id ?? '';
    this.#questions.get(id)?.controller.abort();
    const controller = new AbortController();
    let question: Question = { controller, answer: this.#level(node, controller.signal) };
    this.#questions.set(id, question);
    for (;;) {
      const rows = await question.answer;
      const newest = this.#questions.get(id) ?? question;
      if (newest === question) return rows;
      question = newest;
    }
  }

  /** Aborts the open questions. */
  dispose(): void {
    for (const { controller } of this.#questions.values()) controller.abort();
  }

  async #level(node: ViewNode | undefined, signal: AbortSignal): Promise<ViewNode[] | undefined> {
    const rows = await this.#load(node, signal);
    if (signal.aborted) return undefined;
    return rows?.map((row) => this.#keep(row, node));
  }

  async #load(node: ViewNode | undefined, signal: AbortSignal): Promise<readonly ViewNode[] | undefined> {
    try {
      const load = node ? node.children : this.#roots;
      const children = (await load?.(signal)) ?? [];
      if (children.length > 0 || !node?.emptyHint) return children;
      return [{ id: `${node.id}/empty`, label: node.emptyHint, tokens: ['hint'], icon: { id: 'info' } }];
    } catch (error) {
      if (isAbort(error)) return undefined;
      return [this.#errorRow(node, error)];
    }
  }

  /** @returns the object of a row, with what was read last */
  #keep(read: ViewNode, parent: ViewNode | undefined): ViewNode {
    this.#parents.set(read.id, parent);
    const kept = this.#nodes.get(read.id);
    if (!kept) this.#nodes.set(read.id, read);
    if (!kept || kept === read) return read;
    for (const key of Object.keys(kept)) if (!(key in read)) Reflect.deleteProperty(kept, key);
    return Object.assign(kept, read);
  }

  #errorRow(parent: ViewNode | undefined, error: unknown): ViewNode {
    const { vs, log } = this.#ui;
    log.error(messageOf(error));
    const sentence = messageFor(vs, error);
    return {
      id: `${parent?.id ?? 'root'}/error`,
      label: visibleText(sentence),
      tooltip: sentence,
      tokens: ['error'],
      icon: { id: 'error', color: 'errorForeground' },
      // A narrow view cuts the sentence off. The log has all of it.
      open: 'mediaBatch.showLog',
      data: error,
    };
  }
}
