import type * as vscode from 'vscode';
import { keyGlob } from '../../core/files/key-glob.ts';
import { type FileFilter, parseFileFilter } from '../../core/files/file-filter.ts';
import { parseSize } from '../../core/files/byte-size.ts';
import { DEFAULT_EXTENSIONS } from '../../core/ittybit/kind-extensions.ts';
import { parseExtensions } from '../../core/files/media-files.ts';
import type { Condition, EnqueueForm } from './enqueue-form.ts';
import { BACK, inputText, pickMany, type Step } from '../base/wizard.ts';
import { problemOf } from './enqueue-job.ts';

/** The questions for the conditions on the files. */
export function conditionSteps(vs: typeof vscode): Step<EnqueueForm>[] {
  const { t } = vs.l10n;
  return [
    conditionsStep(vs),
    textStep(vs, 'glob', 'glob', {
      prompt: t(
        'Pattern for the rest of the key after the prefix: * stays within a folder, ** crosses folders.',
      ),
      placeHolder: '**/reel-*.{mov,mp4}',
      check: (glob) => {
        parseFileFilter({ glob });
        keyGlob(glob);
      },
    }),
    textStep(vs, 'size', 'smallest', {
      prompt: t('Smallest size. Empty: any size.'),
      placeHolder: '500 kB',
      check: (text) => sizeOf(text),
    }),
    textStep(vs, 'size', 'largest', {
      prompt: t('Largest size. Empty: any size.'),
      placeHolder: '2 GB',
      check: (text, form) => filterOf({ ...form, largest: text }),
    }),
    textStep(vs, 'changed-since', 'changedSince', {
      prompt: t('Only files that were last changed on this day or later, in UTC.'),
      placeHolder: '2026-03-31',
      check: (text) => parseFileFilter({ changed_since: text }),
    }),
  ];
}

/**
 * @returns the filter for a form's answers; conditions that are not ticked are left out
 * @throws InvalidInputError that names the answer that is not valid
 */
export function filterOf({
  conditions,
  glob,
  smallest,
  largest,
  changedSince,
}: Pick<EnqueueForm, 'conditions' | 'glob' | 'smallest' | 'largest' | 'changedSince'>): FileFilter {
  const has = (condition: Condition): boolean => conditions.includes(condition);
  return parseFileFilter({
    ...(has('glob') && { glob }),
    ...(has('size') && { min_size: sizeOf(smallest), max_size: sizeOf(largest) }),
    ...(has('changed-since') && changedSince !== '' && { changed_since: changedSince }),
    ...(has('not-yet-done') && { not_yet_done: true }),
    ...(has('segments') && { segments: true }),
  });
}

function sizeOf(text: string): number | undefined {
  return text === '' ? undefined : parseSize(text);
}

/** The question for the extensions. */
export function extensionsStep(vs: typeof vscode): Step<EnqueueForm> {
  const { t } = vs.l10n;
  return (form, frame) => {
    const { job, edit } = form;
    if (!job || edit) return undefined;
    const extensions = form.extensions ?? DEFAULT_EXTENSIONS[job.kind];
    const ask = async (): Promise<EnqueueForm | typeof BACK> => {
      const text = await inputText(vs, frame, {
        prompt: t(
          'File extensions to take; case does not matter. A {0} job can take the ones below.',
          job.kind,
        ),
        value: extensions.join(', '),
        validate: (typed) => problemOf(() => parseExtensions(words(typed))),
      });
      return text === BACK ? BACK : { ...form, extensions: parseExtensions(words(text)) };
    };
    return ask();
  };
}

function words(text: string): string[] {
  return text.split(/[\s,;]+/).filter((word) => word !== '');
}

function conditionsStep(vs: typeof vscode): Step<EnqueueForm> {
  const { t } = vs.l10n;
  const items: (vscode.QuickPickItem & { readonly condition: Condition })[] = [
    { condition: 'glob', label: t('Name pattern'), description: t('such as {0}', '**/reel-*.mov') },
    { condition: 'size', label: t('Size'), description: t('smallest, largest') },
    { condition: 'changed-since', label: t('Changed since'), description: t('a day') },
    {
      condition: 'not-yet-done',
      label: t('Not yet done'),
      description: t('leaves out files that are done or under way: this version, with the same job'),
    },
    {
      condition: 'segments',
      label: t('Stream segments too'),
      description: t('takes numbered .ts and .mp4 segments, and .ts files beside a playlist, as masters'),
    },
  ];
  return (form, frame) => {
    if (form.edit) return undefined;
    const ask = async (): Promise<EnqueueForm | typeof BACK> => {
      const picked = await pickMany(vs, frame, {
        placeHolder: t('Only some of these files? Tick conditions; without any, all files are taken.'),
        items,
        picked: items.filter(({ condition }) => form.conditions.includes(condition)),
      });
      if (picked === BACK) return BACK;
      return { ...form, conditions: picked.map(({ condition }) => condition), saidDone: true };
    };
    return ask();
  };
}

type TextField = 'glob' | 'smallest' | 'largest' | 'changedSince';

interface TextCondition {
  readonly prompt: string;
  readonly placeHolder: string;
  /** throws InvalidInputError for an answer that is not valid */
  readonly check: (text: string, form: EnqueueForm) => unknown;
}

/** A question that is asked only when its condition is ticked. */
function textStep(
  vs: typeof vscode,
  condition: Condition,
  field: TextField,
  { prompt, placeHolder, check }: TextCondition,
): Step<EnqueueForm> {
  return (form, frame) => {
    if (form.edit || !form.conditions.includes(condition)) return undefined;
    const ask = async (): Promise<EnqueueForm | typeof BACK> => {
      const text = await inputText(vs, frame, {
        prompt,
        placeHolder,
        value: form[field],
        validate: (typed) => problemOf(() => check(typed, form)),
      });
      return text === BACK ? BACK : { ...form, [field]: text };
    };
    return ask();
  };
}
