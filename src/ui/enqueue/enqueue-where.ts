import type * as vscode from 'vscode';
import { isAbort, messageOf } from '../../core/errors.ts';
import type { Bucket } from '../../core/files/bucket-store.ts';
import { parseS3Prefix, prefixUri, type S3Prefix } from '../../core/files/s3-location.ts';
import { visibleText } from '../../core/visible-text.ts';
import type { EnqueueForm } from './enqueue-form.ts';
import { readPins } from '../buckets/pins.ts';
import { pickText } from '../base/pick-text.ts';
import type { Session } from '../connection/session.ts';
import type { BatchesContext } from '../batches/batches-context.ts';
import { BACK, inputText, pickOne, type Step } from '../base/wizard.ts';
import { MAX_ADDRESS, placeProblem } from '../buckets/pin-location.ts';

type WhereContext = Pick<BatchesContext, 'vs' | 'log'>;

interface PlaceItem extends vscode.QuickPickItem {
  readonly place?: S3Prefix;
}

/**
 * The questions for bucket and prefix.
 * @param asked true when the command was started without a row: the user first chooses among pins and buckets
 */
export function whereSteps(ui: WhereContext, session: Session, asked: boolean): Step<EnqueueForm>[] {
  return asked ? [placeStep(ui, session), addressStep(ui.vs)] : [addressStep(ui.vs)];
}

function placeStep(ui: WhereContext, session: Session): Step<EnqueueForm> {
  const { vs } = ui;
  let items: Promise<PlaceItem[]> | undefined;
  return async (form, frame) => {
    items ??= placeItems(ui, session);
    const item = await pickOne(vs, frame, {
      placeHolder: vs.l10n.t(
        'Which bucket or prefix? An address such as {0} can be typed',
        's3://film-archive/1999/',
      ),
      items: await items,
      typed: (text) =>
        placeProblem(text) === undefined ? { label: text, place: parseS3Prefix(text) } : undefined,
    });
    return item === BACK ? BACK : { ...form, place: item.place };
  };
}

async function placeItems(ui: WhereContext, session: Session): Promise<PlaceItem[]> {
  const { vs } = ui;
  const { t } = vs.l10n;
  const pins = readPins(vs).map((place) => ({ label: `$(pin) ${pickText(prefixUri(place))}`, place }));
  const buckets = await listBuckets(ui, session);
  return [
    ...pins,
    { label: t('$(edit) Type an S3 address…') },
    ...buckets.map(({ name, region }) => ({
      label: `$(database) ${pickText(name)}`,
      ...(region !== undefined && { description: region }),
      place: { bucket: name, prefix: '' },
    })),
  ];
}

/** Lists one page of buckets. Without the right to list them, the user can still type an address. */
async function listBuckets({ vs, log }: WhereContext, { services }: Session): Promise<readonly Bucket[]> {
  const options = { location: vs.ProgressLocation.Window, title: vs.l10n.t('Media Batch: listing buckets') };
  try {
    return (await vs.window.withProgress(options, () => services.buckets.buckets())).items;
  } catch (error) {
    if (isAbort(error)) throw error;
    log.warn(messageOf(error));
    return [];
  }
}

function addressStep(vs: typeof vscode): Step<EnqueueForm> {
  const { t } = vs.l10n;
  return async (form, frame) => {
    const shown = form.place ? visibleText(prefixUri(form.place), MAX_ADDRESS) : '';
    const text = await inputText(vs, frame, {
      prompt: t('Every file whose address starts with this. Case-sensitive.'),
      value: shown,
      placeHolder: 's3://film-archive/1999/',
      // The shown text of a row may not be a valid address: if the user keeps it, we take the row's own place.
      validate: (address) =>
        placeProblem(form.place && address === shown.trim() ? form.place.bucket : address),
    });
    if (text === BACK) return BACK;
    return form.place && text === shown.trim() ? form : { ...form, place: parseS3Prefix(text) };
  };
}
