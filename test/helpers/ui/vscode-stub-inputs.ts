import { setImmediate } from 'node:timers/promises';
import type * as vscode from 'vscode';
import { EventEmitter } from './vscode-stub-basics.ts';
import type { Answer, Shown } from './vscode-stub.ts';

/** As an answer: presses Back. */
export const BACK_BUTTON = '<back>';
/** Stands for vscode.QuickInputButtons.Back. */
export const BACK = { iconPath: undefined, tooltip: 'Back' };
/** When so many answers in a row are refused, the test is wrong. */
const MAX_REFUSALS = 3;

type Entry = Partial<Shown> & Pick<Shown, 'kind' | 'text'>;
export type Show = (entry: Entry) => ReturnType<Answer>;

/** The common part of input boxes and quick picks; the person answers when it is shown. */
abstract class QuickInput {
  title = '';
  step: number | undefined;
  totalSteps: number | undefined;
  ignoreFocusOut = false;
  enabled = true;
  busy = false;
  placeholder = '';
  prompt = '';
  value = '';
  buttons: readonly unknown[] = [];
  readonly #accept = new EventEmitter<undefined>();
  readonly #hide = new EventEmitter<undefined>();
  readonly #button = new EventEmitter<unknown>();
  readonly #value = new EventEmitter<string>();
  readonly onDidAccept = this.#accept.event;
  readonly onDidHide = this.#hide.event;
  readonly onDidTriggerButton = this.#button.event;
  readonly onDidChangeValue = this.#value.event;
  #done = false;

  protected abstract ask(): ReturnType<Answer>;
  /** @returns false when the answer cannot be taken */
  protected abstract take(answer: string | readonly string[]): boolean;

  show(): void {
    void this.#answered();
  }

  hide(): void {
    if (this.#done) return;
    this.#done = true;
    this.#hide.fire(undefined);
  }

  dispose(): void {
    this.#done = true;
  }

  protected type(text: string): void {
    this.value = text;
    this.#value.fire(text);
  }

  async #answered(): Promise<void> {
    for (let refusals = 0; refusals < MAX_REFUSALS; refusals += 1) {
      await setImmediate();
      if (this.#done) return;
      const answer = this.ask();
      if (answer === BACK_BUTTON) this.#button.fire(BACK);
      else if (answer === undefined) this.hide();
      else if (this.take(answer)) this.#accept.fire(undefined);
      await setImmediate();
    }
    this.hide();
  }
}

export class StubInputBox extends QuickInput {
  password = false;
  validationMessage: string | vscode.InputBoxValidationMessage | undefined = '';
  readonly #show: Show;
  constructor(show: Show) {
    super();
    this.#show = show;
  }
  protected ask(): ReturnType<Answer> {
    const { title: text, prompt: detail, password, value, step, totalSteps } = this;
    const { validationMessage: said } = this;
    const problem = typeof said === 'object' ? said.message : said;
    return this.#show({ kind: 'input', text, detail, password, choices: [value], step, totalSteps, problem });
  }
  protected take(answer: string | readonly string[]): boolean {
    this.type(String(answer));
    return true;
  }
}

export class StubQuickPick extends QuickInput {
  items: readonly vscode.QuickPickItem[] = [];
  activeItems: readonly vscode.QuickPickItem[] = [];
  selectedItems: readonly vscode.QuickPickItem[] = [];
  canSelectMany = false;
  matchOnDescription = false;
  matchOnDetail = false;
  readonly #selection = new EventEmitter<readonly vscode.QuickPickItem[]>();
  readonly #active = new EventEmitter<readonly vscode.QuickPickItem[]>();
  readonly onDidChangeSelection = this.#selection.event;
  readonly onDidChangeActive = this.#active.event;
  readonly onDidTriggerItemButton = new EventEmitter<unknown>().event;
  readonly #show: Show;
  constructor(show: Show) {
    super();
    this.#show = show;
  }
  protected ask(): ReturnType<Answer> {
    const { title: text, placeholder: detail, items, step, totalSteps } = this;
    const choices = items.map(({ label }) => label);
    const picked = (this.canSelectMany ? this.selectedItems : this.activeItems).map(({ label }) => label);
    return this.#show({ kind: 'pick', text, detail, choices, items, picked, step, totalSteps });
  }
  protected take(answer: string | readonly string[]): boolean {
    const labels = typeof answer === 'string' ? [answer] : answer;
    const chosen = this.items.filter(({ label }) => labels.includes(label));
    // A text that names no item is typed into the box, as a person would.
    if (chosen.length === 0 && !this.canSelectMany) {
      this.type(String(answer));
      this.selectedItems = [];
      return true;
    }
    this.selectedItems = chosen;
    this.#selection.fire(chosen);
    return true;
  }
}
