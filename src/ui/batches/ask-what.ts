import type * as vscode from 'vscode';
import { MediaBatchError } from '../../core/errors.ts';
import { parseObjectAddress, type ObjectAddress } from '../../core/files/object-address.ts';
import { s3Uri } from '../../core/files/s3-location.ts';
import { formatDate } from '../base/format.ts';
import { pickText } from '../base/pick-text.ts';
import type { BACK } from '../base/wizard.ts';
import { dressInput, untilStepAnswered, type StepFrame } from '../base/wizard.ts';
import { batchName } from './found-item.ts';
import type { SearchPlace } from './running-search.ts';

/** What to look for: an object in all batches, the file of a job, or a part of a name in the offered batch or in another one. */
export type Sought =
  | { readonly how: 'everywhere'; readonly address: ObjectAddress }
  | { readonly how: 'job'; readonly id: string }
  | { readonly how: 'in-batch' }
  | { readonly how: 'in-other-batch' };

interface SoughtItem extends vscode.QuickPickItem {
  /** absent on an item that says what is wrong */
  readonly sought?: Sought;
}

/** What the question offers. */
export interface Offer {
  /** the text of the box at first */
  readonly text: string;
  /** the batch to search for a part of a name; undefined until it is known, and where there is none */
  readonly place: () => SearchPlace | undefined;
  /** true: the user ran the command on that batch */
  readonly isChosen: boolean;
  /** calls `draw` once the batch is known */
  readonly whenKnown: (draw: () => void) => void;
}

/**
 * Asks what to find. The choices follow the text that is typed, and Enter takes the first one.
 * @returns the text without the blanks around it and what it stands for, or BACK
 * @throws AbortError on Escape
 */
export function askWhat(
  vs: typeof vscode,
  frame: StepFrame,
  offer: Offer,
): Promise<{ readonly text: string; readonly sought: Sought } | typeof BACK> {
  const pick = vs.window.createQuickPick<SoughtItem>();
  dressInput(vs, pick, frame);
  pick.placeholder = vs.l10n.t(
    'Part of a name, a key, an s3:// address, a URL of S3 or of the AWS console, or a job id',
  );
  pick.value = offer.text;
  const draw = (): void => {
    const items = choices(vs, pick.value.trim(), offer);
    pick.items = items;
    // The editor would stay on the item that was the first one before.
    pick.activeItems = items.slice(0, 1);
  };
  return untilStepAnswered(vs, pick, (accept) => {
    draw();
    offer.whenKnown(draw);
    pick.onDidChangeValue(draw);
    pick.onDidAccept(() => {
      // Enter may come before the items of the last key press.
      const text = pick.value.trim();
      const present = choices(vs, text, offer);
      const chosen = pick.selectedItems[0]?.sought?.how;
      const item = present.find(({ sought }) => sought?.how === chosen) ?? present[0];
      if (item?.sought) accept({ text, sought: item.sought });
    });
  });
}

/** The items always show: the editor would leave out what does not have the text in it. */
function choices(vs: typeof vscode, text: string, offer: Offer): readonly SoughtItem[] {
  const { t } = vs.l10n;
  if (text === '') return [];
  const address = readAddress(text);
  if (address instanceof Error) return [{ label: `$(error) ${pickText(address.message)}`, alwaysShow: true }];
  const everywhere: SoughtItem = {
    label: `$(search) ${
      address.bucket === undefined
        ? t('The file with this whole key, in any batch')
        : t('{0} in any batch', pickText(s3Uri({ bucket: address.bucket, key: address.key })))
    }`,
    alwaysShow: true,
    sought: { how: 'everywhere', address },
  };
  if (address.bucket !== undefined) return [everywhere];
  const parts = partChoices(vs, text, offer.place());
  const isKey = text.includes('/') && !offer.isChosen;
  const all = isKey ? [everywhere, ...parts] : [...parts, everywhere];
  if (!ID.test(text)) return all;
  const job: SoughtItem = {
    label: `$(server) ${t('The file of job {0}: the stack asks Ittybit', pickText(text, 100))}`,
    alwaysShow: true,
    sought: { how: 'job', id: text },
  };
  return KNOWN_ID.test(text) ? [job, ...all] : [...all, job];
}

/** Ids of Ittybit have a prefix and letters or digits after it; which prefixes there are is not promised ("Get job"). */
const ID = /^[A-Za-z]+_[A-Za-z0-9_-]{3,}$/;
const KNOWN_ID = /^(job|task|run)_/;

function partChoices(vs: typeof vscode, text: string, place: SearchPlace | undefined): SoughtItem[] {
  const { t } = vs.l10n;
  const shown = pickText(text, 100);
  const created = place?.meta && formatDate(vs, new Date(place.meta.created_at));
  return [
    {
      label: `$(list-filter) ${
        place
          ? t('Names with "{0}" in {1}', shown, batchName(vs, place.batch, place.meta))
          : t('Names with "{0}" in the newest batch', shown)
      }`,
      ...(created && { description: created }),
      alwaysShow: true,
      sought: { how: 'in-batch' },
    },
    {
      label: `$(list-ordered) ${t('Names with "{0}" in another batch…', shown)}`,
      alwaysShow: true,
      sought: { how: 'in-other-batch' },
    },
  ];
}

function readAddress(text: string): ObjectAddress | MediaBatchError {
  try {
    return parseObjectAddress(text);
  } catch (error) {
    if (error instanceof MediaBatchError) return error;
    throw error;
  }
}
