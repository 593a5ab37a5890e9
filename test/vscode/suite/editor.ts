import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { SettingName } from '../../../src/ui/base/settings.ts';
import { driver } from './driver.ts';
import { eventually } from './eventually.ts';

/** The views by their titles. */
export const VIEWS = ['Pipeline', 'Buckets', 'Batches', 'Failures'] as const;
export type ViewTitle = (typeof VIEWS)[number];

/** Brings the container to the front with only these views open, as a closed one leaves room to the others. */
export async function showOnly(...shown: readonly ViewTitle[]): Promise<void> {
  await driver.openViews();
  for (const view of shown) await driver.showView(view, true);
  for (const view of VIEWS) if (!shown.includes(view)) await driver.showView(view, false);
}

/** @param value undefined takes the user's value away */
export async function changeSetting(name: SettingName, value: unknown): Promise<void> {
  await vscode.workspace
    .getConfiguration('mediaBatch')
    .update(name, value, vscode.ConfigurationTarget.Global);
}

export function setting(name: SettingName): unknown {
  return vscode.workspace.getConfiguration('mediaBatch').get(name);
}

/** @returns the texts of all notifications; the editor shows those of a test only in its list */
export async function notifications(): Promise<readonly string[]> {
  await vscode.commands.executeCommand('notifications.showList');
  const shown = await driver.notifications();
  // An open list would take the Escape that is meant for a step.
  await vscode.commands.executeCommand('notifications.hideList');
  return shown;
}

/** Waits for a notification, and presses its button if one is named. @returns its text */
export async function notification(text: RegExp, button?: string): Promise<string> {
  await eventually(async () => {
    const shown = await notifications();
    assert.ok(
      shown.some((each) => text.test(each)),
      `no ${String(text)} in ${JSON.stringify(shown)}`,
    );
  });
  await vscode.commands.executeCommand('notifications.showList');
  const found = await (button === undefined ? driver.notification(text) : driver.notification(text, button));
  await vscode.commands.executeCommand('notifications.hideList');
  return found;
}

export async function clearNotifications(): Promise<void> {
  await vscode.commands.executeCommand('notifications.clearAll');
}

/**
 * Runs something that asks a modal question. The editor shows none under test, so it is answered in the editor's place.
 * @param answer the button; undefined cancels
 * @returns the question with its details
 */
export async function answerDialog(
  answer: string | undefined,
  run: () => Thenable<unknown> | Promise<unknown>,
): Promise<string> {
  const { window } = vscode;
  const { showWarningMessage, showInformationMessage } = window;
  let question = '';
  const instead =
    (original: typeof showWarningMessage) =>
    (message: string, ...rest: unknown[]): Thenable<unknown> => {
      const [options, ...buttons] = rest;
      if (typeof options !== 'object' || options === null || !('modal' in options)) {
        return Reflect.apply(original, window, [message, ...rest]) as Thenable<unknown>;
      }
      question = `${message}\n${'detail' in options ? String(options.detail) : ''}`;
      assert.ok(answer === undefined || buttons.includes(answer), `the question has no button ${answer}`);
      return Promise.resolve(answer);
    };
  Object.assign(window, {
    showWarningMessage: instead(showWarningMessage),
    showInformationMessage: instead(showInformationMessage),
  });
  try {
    await run();
  } finally {
    Object.assign(window, { showWarningMessage, showInformationMessage });
  }
  return question;
}

/** Runs a command without waiting for its end. @returns waits for it */
export function start(command: string, ...given: readonly unknown[]): () => Promise<unknown> {
  const running = Promise.resolve(vscode.commands.executeCommand(command, ...given));
  return () => running;
}

/**
 * Waits for a step of a flow.
 * @param text a part of its title, placeholder or message
 * @param item one of its rows
 */
export async function step(
  text: RegExp,
  item = /(?:)/,
): Promise<Awaited<ReturnType<typeof driver.quickInput>>> {
  return eventually(async () => {
    const state = await driver.quickInput();
    assert.match([state.title, state.placeholder, state.message].join('\n'), text);
    assert.ok(
      state.items.length === 0 || state.items.some((each) => item.test(each)),
      state.items.join('\n'),
    );
    if (item.source !== '(?:)') assert.ok(state.items.length > 0);
    return state;
  });
}
