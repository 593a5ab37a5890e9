import type * as vscode from 'vscode';
import { prefixUri } from '../../core/files/s3-location.ts';
import { formatAge } from '../base/format.ts';
import { pickText } from '../base/pick-text.ts';
import { BACK, pickOne, type Step } from '../base/wizard.ts';
import { allRows, whatRows, type AnswerRow } from './enqueue-answers.ts';
import { below, type EnqueueFlow } from './enqueue-flow.ts';
import { isComplete, type EnqueueForm } from './enqueue-form.ts';
import { jobWords } from './enqueue-job.ts';
import type { Draft } from './enqueue-memory.ts';

type WhatRow =
  | AnswerRow
  | (vscode.QuickPickItem & { readonly goOn: true })
  | (vscode.QuickPickItem & { readonly draft: Draft });

/**
 * The first screen: what is enqueued, and with what. Each row changes an answer, and the first one goes on to the review.
 * @param options `isGiven`: the answers are those of a batch, and the first screen is the review; `inCloud`: there is no review
 */
export function whatStep(
  flow: EnqueueFlow,
  { isGiven, inCloud }: { readonly isGiven: boolean; readonly inCloud: boolean },
): Step<EnqueueForm> {
  const { vs } = flow.ui;
  const { draft } = flow.memory;
  let isSkipped = isGiven;
  return (form, frame) => {
    const ask = async (): Promise<EnqueueForm | typeof BACK> => {
      // What was changed in the review stays.
      let now = flow.latest() ?? form;
      let offered = draft;
      for (;;) {
        const rows = rowsOf(flow, now, offered, inCloud);
        const row = await pickOne(vs, frame, {
          placeHolder: inCloud
            ? vs.l10n.t('What to enqueue, and with what? Nothing is sent before you agree')
            : vs.l10n.t('What to enqueue, and with what? Nothing is sent before the review'),
          items: rows,
          active: rows[0],
        });
        if (row === BACK) return BACK;
        if ('goOn' in row) return now;
        if ('draft' in row) {
          now = row.draft.form;
          offered = undefined;
        } else {
          const next = await row.ask(now, below(frame));
          if (next === BACK) continue;
          now = next;
        }
        flow.answered(now);
        if (now.edit) return now;
      }
    };
    // Back from the review leads here.
    if (isSkipped) {
      isSkipped = false;
      return Promise.resolve(form);
    }
    return ask();
  };
}

function rowsOf(
  flow: EnqueueFlow,
  form: EnqueueForm,
  draft: Draft | undefined,
  inCloud: boolean,
): readonly WhatRow[] {
  const { vs } = flow.ui;
  const { t } = vs.l10n;
  // Without a review, the conditions are seen only here.
  const answers = inCloud ? allRows(flow, form) : whatRows(flow, form);
  const drafts = draft ? [draftRow(vs, draft)] : [];
  if (!isComplete(form)) return [...answers, ...drafts];
  const next = inCloud
    ? { label: t('$(arrow-right) Continue'), description: t('says what it adds to your account, and costs') }
    : {
        label: t('$(arrow-right) Review'),
        description: t('counts the files, and says how long they take and what they cost'),
      };
  const goOn = { ...next, goOn: true } as const;
  return [goOn, ...answers, ...drafts];
}

function draftRow(vs: typeof vscode, draft: Draft): WhatRow {
  const { t } = vs.l10n;
  const { place, keyList, job } = draft.form;
  const what = [
    ...(keyList ? [pickText(keyList.name)] : place ? [pickText(prefixUri(place))] : []),
    ...(job ? [jobWords(job)] : []),
  ];
  return {
    label: t('$(history) The answers that you left {0}', formatAge(vs, new Date(draft.at))),
    description: what.join(' · '),
    draft,
  };
}
