import { findFile, newestBatches, type FoundFile } from '../../app/batch/find-file.ts';
import { findJob } from '../../app/batch/find-job.ts';
import type { BatchMeta } from '../../core/batch/batch.ts';
import { DEFAULT_BATCH } from '../../core/batch/queue-message.ts';
import type { ResultItem } from '../../core/batch/result-item.ts';
import { AwsError, MediaBatchError, messageOf } from '../../core/errors.ts';
import type { ObjectAddress } from '../../core/files/object-address.ts';
import { formatDate } from '../base/format.ts';
import type { ViewNode } from '../base/node.ts';
import { pickText } from '../base/pick-text.ts';
import { plainText } from '../base/register-command.ts';
import { withViewProgress } from '../base/view-progress.ts';
import { BACK, pickOne, runWizard, type Step, type StepFrame } from '../base/wizard.ts';
import type { StackScope } from '../watch/stack-scope.ts';
import { absentWords } from './absent-words.ts';
import { askWhat } from './ask-what.ts';
import type { BatchData } from './batch-rows.ts';
import type { BatchesContext } from './batches-context.ts';
import type { FileData } from './file-row.ts';
import { askAction, type FoundPlaces } from './found-actions.ts';
import { batchName, foundItem } from './found-item.ts';
import { pickMatch } from './pick-match.ts';
import { RunningSearch, type SearchPlace } from './running-search.ts';

/** What has been asked and found so far. */
interface FindForm {
  readonly text: string;
  readonly asksBatch?: boolean;
  /** the batch to search for a part of a name */
  readonly place?: SearchPlace;
  /** what all batches have of one object */
  readonly found?: FoundFile;
  readonly address?: ObjectAddress;
  /** why a job has no file here */
  readonly absent?: string;
  readonly file?: ResultItem;
  readonly run?: () => Promise<void>;
}

/**
 * "Find File…": finds an object in all batches by its key or address, or a part of a name in one batch, and says what can
 * be done with it. By the id of a job, it opens the result of the job's file.
 * @param node a row of the Batches view, whose batch is searched first; absent: the newest one
 * @throws DeployError `not-deployed`, AwsError, AbortError on Escape
 */
export async function findFileCommand(
  ui: BatchesContext,
  places: FoundPlaces,
  node?: ViewNode,
): Promise<void> {
  const { vs } = ui;
  // It asks for what is missing; what follows borrows the connection for as long as a request takes.
  await ui.connection.use(() => Promise.resolve(), { ask: true });
  const finder = new FileFinder(ui, places, ui.scopes.present, batchOf(node));
  try {
    for (let text: string | undefined = ''; text !== undefined;) {
      const form: FindForm = await finder.ask(text);
      if (form.run) {
        await form.run();
        return;
      }
      const change = vs.l10n.t('Change the Text…');
      const words =
        form.found && form.address ? absentWords(vs, form.address, form.found) : (form.absent ?? '');
      const choice = await vs.window.showInformationMessage(plainText(words), change);
      text = choice === change ? form.text : undefined;
    }
  } finally {
    finder.dispose();
  }
}

/** The batch of a row; its list is on the same view, so a title button may get any row. */
function batchOf(node: ViewNode | undefined): string | undefined {
  const data = node?.data as Partial<FileData & BatchData> | undefined;
  return data?.item?.batch ?? data?.batch;
}

/** The steps of one run. They share the list of batches and the search, so that Back costs no request. */
class FileFinder {
  readonly #ui: BatchesContext;
  readonly #places: FoundPlaces;
  readonly #scope: StackScope;
  readonly #chosen: string | undefined;
  readonly #listed: Promise<readonly BatchMeta[]>;
  #metas: readonly BatchMeta[] | undefined;
  #search: RunningSearch | undefined;

  constructor(ui: BatchesContext, places: FoundPlaces, scope: StackScope, chosen: string | undefined) {
    this.#ui = ui;
    this.#places = places;
    this.#scope = scope;
    this.#chosen = chosen;
    this.#listed = scope.read(({ batches }, { resultsTable }, signal) =>
      newestBatches(resultsTable, batches, signal),
    );
  }

  ask(text: string): Promise<FindForm> {
    const steps = [this.#what, this.#batch, this.#match, this.#action];
    return runWizard<FindForm>(this.#ui.vs.l10n.t('Find File'), { text }, steps);
  }

  dispose(): void {
    this.#search?.dispose();
  }

  readonly #what: Step<FindForm> = async ({ text }, frame) => {
    const asked = await askWhat(this.#ui.vs, frame, {
      text,
      isChosen: this.#chosen !== undefined,
      place: () => this.#place(),
      whenKnown: (draw) => {
        this.#listed.then(
          (metas) => {
            this.#metas = metas;
            draw();
          },
          // Whoever needs the list gets the error, too.
          (error: unknown) => {
            this.#ui.log.debug(messageOf(error));
          },
        );
      },
    });
    if (asked === BACK) return BACK;
    const { sought } = asked;
    if (sought.how === 'in-other-batch') return { text: asked.text, asksBatch: true };
    if (sought.how === 'job') return this.#job(asked.text, sought.id);
    this.#metas = await this.#listed;
    if (sought.how === 'everywhere') return this.#everywhere(asked.text, sought.address);
    const place = this.#place();
    if (place) return { text: asked.text, place };
    throw new MediaBatchError('not-found', this.#ui.vs.l10n.t('There is no batch yet to find a file in.'));
  };

  readonly #batch: Step<FindForm> = (form, frame) =>
    form.asksBatch ? this.#askBatch(form, frame) : undefined;

  readonly #match: Step<FindForm> = (form, frame) => {
    const { place, found, text } = form;
    if (place) return answered(form, pickMatch(this.#ui.vs, frame, this.#searchOf(place, text)));
    return found && found.results.length > 1 ? answered(form, this.#oneOf(found.results, frame)) : undefined;
  };

  readonly #action: Step<FindForm> = (form, frame) => {
    const file = form.file ?? form.found?.results[0];
    if (!file || form.run) return undefined;
    const asked = askAction(this.#ui, frame, file, this.#meta(file.batch), this.#places);
    return asked.then((run) => (run === BACK ? BACK : { ...form, run }));
  };

  async #everywhere(text: string, address: ObjectAddress): Promise<FindForm> {
    const { vs } = this.#ui;
    const known = { metas: this.#metas ?? [], records: this.#scope.watch.last?.batches };
    const found = await withViewProgress(vs, 'mediaBatch.batches', vs.l10n.t('Finding a file'), () =>
      this.#scope.read(({ batches }, { resultsTable }, signal) =>
        findFile(address, known, resultsTable, batches, signal),
      ),
    );
    return { text, address, found };
  }

  async #job(text: string, id: string): Promise<FindForm> {
    const { vs } = this.#ui;
    const title = vs.l10n.t('Asking Ittybit for a job');
    try {
      const file = await withViewProgress(vs, 'mediaBatch.batches', title, () =>
        this.#scope.read((services, pipeline, signal) => findJob(id, pipeline, services, signal)),
      );
      return { text, run: () => this.#places.documents.openResult(file) };
    } catch (error) {
      if (!(error instanceof MediaBatchError) || error instanceof AwsError || error.code !== 'not-found')
        throw error;
      return { text, absent: error.message };
    }
  }

  async #askBatch(form: FindForm, frame: StepFrame): Promise<FindForm | typeof BACK> {
    const { vs } = this.#ui;
    const metas = await this.#listed;
    const hasBare = this.#scope.watch.last?.batches?.has(DEFAULT_BATCH) === true;
    const places: SearchPlace[] = [
      ...metas.map((meta) => ({ batch: meta.batch, meta })),
      ...(hasBare ? [{ batch: DEFAULT_BATCH, meta: undefined }] : []),
    ];
    const items = places.map((place) => ({
      label: batchName(vs, place.batch, place.meta),
      description: place.meta ? formatDate(vs, new Date(place.meta.created_at)) : '',
      detail: pickText(place.batch),
      place,
    }));
    const item = await pickOne(vs, frame, { placeHolder: vs.l10n.t('In which batch?'), items });
    return item === BACK ? BACK : { ...form, place: item.place };
  }

  async #oneOf(results: readonly ResultItem[], frame: StepFrame): Promise<ResultItem | typeof BACK> {
    const { vs } = this.#ui;
    const item = await pickOne(vs, frame, {
      placeHolder: vs.l10n.t('{0} batches have this file, the newest first', results.length),
      items: results.map((file) => foundItem(vs, file, this.#meta(file.batch))),
    });
    return item === BACK ? BACK : item.file;
  }

  /** A search of the same text goes on. */
  #searchOf(place: SearchPlace, text: string): RunningSearch {
    const before = this.#search;
    if (before?.place.batch === place.batch && before.text === text) return before;
    before?.dispose();
    this.#search = new RunningSearch(this.#scope, place, text);
    return this.#search;
  }

  #place(): SearchPlace | undefined {
    const batch = this.#chosen ?? this.#metas?.[0]?.batch;
    return batch === undefined ? undefined : { batch, meta: this.#meta(batch) };
  }

  #meta(batch: string): BatchMeta | undefined {
    return this.#metas?.find((meta) => meta.batch === batch);
  }
}

async function answered(
  form: FindForm,
  asked: Promise<ResultItem | typeof BACK>,
): Promise<FindForm | typeof BACK> {
  const file = await asked;
  return file === BACK ? BACK : { ...form, file };
}
