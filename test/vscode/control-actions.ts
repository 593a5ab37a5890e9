import type { LocalCloud } from '../../src/local/cloud/local-cloud.ts';
import type { Fault } from '../../src/local/ittybit/fault.ts';
import type { Workbench } from '../browser/workbench.ts';
import type { RecordingProxy } from './recording-proxy.ts';

/** What the suites in the extension host have done from outside it: in the page, and in the local cloud. */
export type ControlActions = ReturnType<typeof controlActions>;

/** Arguments and results go through JSON; a RegExp may be an argument. @param print shows a line of the report */
export function controlActions(
  workbench: () => Workbench,
  { ittybit }: LocalCloud,
  proxy: RecordingProxy,
  print: (line: string) => void,
) {
  const input = () => workbench().quickInput;
  const view = (title: string) => workbench().view(title);
  let release = (): void => undefined;
  return {
    log: async (line: string) => {
      print(line);
    },

    quickInput: () => input().state(),
    quickInputIsClosed: () => input().isClosed(),
    pick: (label: string | RegExp) => input().pick(label),
    enter: (text: string) => input().enter(text),
    type: (text: string) => input().type(text),
    accept: () => input().accept(),
    back: () => input().back(),
    escape: () => input().escape(),
    press: (key: string) => workbench().page.keyboard.press(key),

    command: (title: string) => workbench().command(title),
    notification: (text: string | RegExp, button?: string) => workbench().notification(text, button),
    notifications: () => workbench().notifications(),
    dialog: (button: string) => workbench().dialog(button),
    clickStatusBar: (label: string | RegExp) => workbench().clickStatusBar(label),
    statusBar: () => workbench().statusBar(),
    editorText: () => workbench().editorText(),
    visibleText: () => workbench().visibleText(),
    screenshot: (name: string) => workbench().screenshot(name),
    setFocus: (focused: boolean) => workbench().setFocus(focused),

    openViews: () => workbench().openViews(),
    tree: (title: string) => view(title).rows(),
    /** opens or closes a whole view, which is seen by the extension */
    showView: (title: string, shown: boolean) => view(title).show(shown),
    viewDescription: (title: string) => view(title).description(),
    viewHint: (title: string) => view(title).hint(),
    expand: (title: string, row: string | RegExp) => view(title).expand(row),
    click: (title: string, row: string | RegExp) => view(title).click(row),
    inlineAction: (title: string, row: string | RegExp, action: string | RegExp) =>
      view(title).inlineAction(row, action),
    contextMenu: (title: string, row: string | RegExp, entry: string | RegExp) =>
      view(title).contextMenu(row, entry),
    titleAction: (title: string, action: string | RegExp) => view(title).titleAction(action),
    welcomeButton: (title: string, name: string | RegExp) => view(title).welcomeButton(name),

    /** what the extension asked AWS so far */
    requests: async () => proxy.requests,
    cutNetwork: async (cut: boolean) => {
      proxy.cut = cut;
    },
    /** requests whose operation fits wait, each before it has an effect, until `release` */
    hold: async (operation: string | RegExp) => {
      const pattern = new RegExp(operation);
      const { promise, resolve } = Promise.withResolvers<undefined>();
      release();
      release = () => {
        resolve(undefined);
      };
      proxy.instead = (call) => (pattern.test(call.operation) ? promise : undefined);
    },
    release: async () => {
      proxy.instead = undefined;
      release();
    },
    addFault: async (fault: Fault) => {
      ittybit.faults.add(fault);
    },
    clearFaults: async () => {
      ittybit.faults.clear();
    },
  };
}
