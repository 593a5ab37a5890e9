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

interface PlaceItem extends vscode.QuickPickItem {
  readonly place?: S3Prefix;
}

/**
 * The questions for bucket and prefix.
 * @param asked true where no row says it: pins and buckets are offered first
 */
export function whereSteps(ui: BatchesContext, session: Session, asked: boolean): Step<EnqueueForm>[] {
  return asked ? [placeStep(ui, session), addressStep(ui)] : [addressStep(ui)];
}

function placeStep(ui: BatchesContext, session: Session): Step<EnqueueForm> {
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

async function placeItems(ui: BatchesContext, session: Session): Promise<PlaceItem[]> {
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

/** One page, as the view shows it; without the right to list buckets, an address can still be typed. */
async function listBuckets({ vs, log }: BatchesContext, { services }: Session): Promise<readonly Bucket[]> {
  const options = { location: vs.ProgressLocation.Window, title: vs.l10n.t('Media Batch: listing buckets') };
  try {
    return (await vs.window.withProgress(options, () => services.buckets.buckets())).items;
  } catch (error) {
    if (isAbort(error)) throw error;
    log.warn(messageOf(error));
    return [];
  }
}

function addressStep({ vs }: BatchesContext): Step<EnqueueForm> {
  const { t } = vs.l10n;
  return async (form, frame) => {
    const shown = form.place ? visibleText(prefixUri(form.place), MAX_ADDRESS) : '';
    const text = await inputText(vs, frame, {
      prompt: t('Every file whose key begins with this address is looked at. Case-sensitive.'),
      value: shown,
      placeHolder: 's3://film-archive/1999/',
      // What is shown of a row may be no address any more: the row's own keys are taken then.
      validate: (address) => (form.place && address === shown.trim() ? undefined : placeProblem(address)),
    });
    if (text === BACK) return BACK;
    return form.place && text === shown.trim() ? form : { ...form, place: parseS3Prefix(text) };
  };
}
