import type * as vscode from 'vscode';
import { isAbort, MediaBatchError, messageOf } from '../../core/errors.ts';
import { Lifetime, type Disposable } from '../../core/lifetime.ts';
import type { Bucket, Page, S3Object } from '../../core/ports.ts';
import type { Status } from '../../core/result-item.ts';
import { s3Uri, type S3Location, type S3Prefix } from '../../core/s3-location.ts';
import { visibleText } from '../../core/visible-text.ts';
import { onNewSession } from '../connection/on-new-session.ts';
import { pipelineOf } from '../connection/pipeline-of.ts';
import { readPins, samePlace } from '../pins.ts';
import type { UiContext } from '../ui-context.ts';
import {
  bucketPlace,
  levelId,
  levelRow,
  moreRow,
  noBucketsRow,
  objectRow,
  PAGE_SIZE,
  placeOf,
  rootPlace,
  type LevelPlace,
} from './bucket-rows.ts';
import { NodeTree } from './node-tree.ts';
import type { ViewNode } from './node.ts';
import { newestStatuses } from './object-status.ts';
import { hasWelcome } from './or-welcome.ts';
import { Pages } from './pages.ts';
import { SettledBatches } from './settled-batches.ts';

/** A prefix (a string, ends with `/`) or an object of a level. */
type Entry = string | S3Object;

/** Cache id of the list of buckets; no level has it. */
const BUCKETS = '';
const VIEW = 'mediaBatch.buckets';

/**
 * The view of pins and buckets, prefixes and objects. It asks AWS only for what the editor wants to draw, one page of one
 * level at a time, and keeps that until it is reloaded.
 */
export class BucketsView implements Disposable {
  readonly #ui: UiContext;
  readonly #lifetime = new Lifetime();
  readonly tree: NodeTree;
  readonly #view: vscode.TreeView<ViewNode>;
  readonly #buckets: Pages<Bucket>;
  readonly #levels: Pages<Entry>;
  /** key prefix that is asked for, by the id of a filtered level */
  readonly #filters = new Map<string, string>();
  /** what became of the objects of a level, by its id and their keys */
  readonly #statuses = new Map<string, ReadonlyMap<string, Status>>();
  readonly #settled = new SettledBatches();
  /** places that were revealed and are neither pinned nor listed; newest first, for this window only */
  #visits: S3Prefix[] = [];

  constructor(ui: UiContext) {
    this.#ui = ui;
    const { vs, connection } = ui;
    this.#buckets = this.#lifetime.use(new Pages<Bucket>());
    this.#levels = this.#lifetime.use(new Pages<Entry>());
    this.tree = this.#lifetime.use(new NodeTree(ui, { roots: () => this.#roots() }));
    this.#view = this.#lifetime.use(
      vs.window.createTreeView(VIEW, { treeDataProvider: this.tree, showCollapseAll: true }),
    );
    this.#lifetime.use(
      onNewSession(connection, () => {
        this.refresh();
      }),
    );
    this.#lifetime.use(
      ui.watch.onChange(({ reading }) => {
        for (const { meta } of this.#settled.take(reading?.batches))
          if (meta) this.#renewStatuses(meta.bucket);
      }),
    );
    this.#lifetime.use(
      vs.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration('mediaBatch.pins')) this.tree.refresh();
      }),
    );
  }

  /** the row that the user has selected */
  get selected(): ViewNode | undefined {
    return this.#view.selection[0];
  }

  /** Forgets what has been listed, and lists anew what is shown. Filters stay. */
  refresh(): void {
    this.#buckets.forget('');
    this.#levels.forget('');
    this.#statuses.clear();
    this.tree.refresh();
  }

  /** Lists one level and those below it anew. */
  reload(node: ViewNode): void {
    this.#levels.forget(node.id);
    this.tree.refresh(node);
  }

  /**
   * Shows one more page of the level that a "Load more" row stands on.
   * @throws AwsError; the rows so far stay
   */
  async loadMore(node: ViewNode): Promise<void> {
    const level = this.tree.getParent(node);
    await this.#ui.vs.window.withProgress({ location: { viewId: VIEW } }, () =>
      level ? this.#levels.more(level.id) : this.#buckets.more(BUCKETS),
    );
    this.tree.refresh(level);
  }

  /** @returns the key prefix that a level is filtered by, undefined where it is not */
  filterOf(node: ViewNode): string | undefined {
    return this.#filters.get(node.id);
  }

  /** @param prefix whole key prefix that S3 is asked for; undefined shows everything again */
  filter(node: ViewNode, prefix: string | undefined): void {
    this.#setFilter(node.id, prefix);
    // The row itself changes: it is drawn by the level above.
    this.tree.refresh(this.tree.getParent(node));
  }

  /**
   * Opens the view with an object selected, whatever its bucket holds besides: the bucket, or the pin that covers it, is
   * filtered by the whole key.
   * @throws AwsError; MediaBatchError `not-found` where the object is gone
   */
  async reveal({ bucket, key }: S3Location): Promise<void> {
    await this.#ui.vs.commands.executeCommand(`${VIEW}.focus`);
    const covers = (row: ViewNode): boolean => {
      const place = placeOf(row);
      return place?.bucket === bucket && key.startsWith(place.prefix);
    };
    const known = (await this.tree.getChildren()).some(covers);
    // Without a connection the view says what to do.
    if (hasWelcome(this.#ui.connection.state)) return;
    if (!known) this.#visits = [{ bucket, prefix: '' }, ...this.#visits];
    const root = (await this.tree.getChildren()).find(covers);
    if (!root) return;
    this.#setFilter(root.id, key);
    const shown = (await this.tree.getChildren()).find(({ id }) => id === root.id) ?? root;
    const rows = await this.tree.getChildren(shown);
    this.tree.refresh();
    const row = rows.find(({ data }) => (data as Partial<S3Location> | undefined)?.key === key);
    const problem = rows.find(({ tokens }) => tokens.includes('error'))?.data;
    await this.#view.reveal(row ?? shown, { select: true, focus: true, expand: !row });
    if (problem instanceof Error) throw problem;
    if (row) return;
    throw new MediaBatchError(
      'not-found',
      this.#ui.vs.l10n.t(
        '{0} is not there any more: it was deleted or renamed.',
        visibleText(s3Uri({ bucket, key })),
      ),
    );
  }

  dispose(): void {
    this.#lifetime.dispose();
  }

  #setFilter(id: string, prefix: string | undefined): void {
    if (prefix === undefined) this.#filters.delete(id);
    else this.#filters.set(id, prefix);
    this.#levels.forget(id);
  }

  async #roots(): Promise<readonly ViewNode[]> {
    const { vs, connection, log } = this.#ui;
    const pins = readPins(vs);
    const visits = this.#visits.filter((visit) => !pins.some((pin) => samePlace(pin, visit)));
    const places = [
      ...pins.map((pin) => rootPlace('pin', pin)),
      ...visits.map((visit) => rootPlace('visit', visit)),
    ];
    const ahead = places.map((place) => this.#level(place));
    try {
      const { items, next } = await this.#buckets.get(BUCKETS, (page, signal) =>
        this.#listBuckets(page, signal),
      );
      const rows = items.map((bucket) => this.#level(bucketPlace(bucket), { region: bucket.region }));
      return [...ahead, ...rows, ...(next === undefined ? [] : [moreRow(vs, BUCKETS)])];
    } catch (error) {
      if (isAbort(error)) throw error;
      if (hasWelcome(connection.state)) return [];
      if (!(error instanceof MediaBatchError)) throw error;
      log.error(messageOf(error));
      return [...ahead, noBucketsRow(vs, error)];
    }
  }

  #listBuckets(next: string | undefined, signal: AbortSignal): Promise<Page<Bucket>> {
    return this.#ui.connection.use(({ services }) => services.buckets.buckets(next, signal), {
      ask: false,
      signal,
    });
  }

  #level(place: LevelPlace, look: { region?: string | undefined; above?: string } = {}): ViewNode {
    const filter = this.#filters.get(levelId(place));
    return levelRow(this.#ui.vs, place, { ...look, filter, children: () => this.#children(place) });
  }

  async #children(place: LevelPlace): Promise<readonly ViewNode[]> {
    const { vs } = this.#ui;
    const id = levelId(place);
    const { items, next } = await this.#levels.get(id, (page, signal) => this.#list(place, page, signal));
    const above = place.prefix;
    const statuses = this.#statuses.get(id);
    const rows = items.map((entry) =>
      typeof entry === 'string'
        ? this.#level({ ...place, kind: 'prefix', prefix: entry }, { above })
        : objectRow(vs, place, entry, { above, status: statuses?.get(entry.key) }),
    );
    return next === undefined ? rows : [...rows, moreRow(vs, id)];
  }

  async #list(place: LevelPlace, next: string | undefined, signal: AbortSignal): Promise<Page<Entry>> {
    const { bucket } = place;
    const prefix = this.#filters.get(levelId(place)) ?? place.prefix;
    const level = await this.#ui.connection.use(
      ({ services }) => services.buckets.level({ bucket, prefix, max: PAGE_SIZE, next }, signal),
      { ask: false, signal },
    );
    // The empty object that consoles make for a folder stands for the level itself.
    const objects = level.objects.filter(({ key, size }) => key !== place.prefix || size > 0);
    void this.#addStatuses({ id: levelId(place), bucket }, objects, signal);
    return { items: [...level.prefixes, ...objects], next: level.next };
  }

  /** Says anew what became of a bucket's objects, now that a batch of it has ended; what succeeded stays so. */
  #renewStatuses(bucket: string): void {
    for (const { id, pages, signal } of this.#levels.known) {
      if (placeOf(this.tree.find(id))?.bucket !== bucket) continue;
      const statuses = this.#statuses.get(id);
      const isOpen = (entry: Entry): entry is S3Object =>
        typeof entry !== 'string' && statuses?.get(entry.key) !== 'succeeded';
      pages.then(
        ({ items }) => this.#addStatuses({ id, bucket }, items.filter(isOpen), signal),
        // Whoever asked for the level says why it failed.
        () => undefined,
      );
    }
  }

  /** Says behind each object what became of it, when that is known; the level does not wait for it. */
  async #addStatuses(
    { id, bucket }: { readonly id: string; readonly bucket: string },
    objects: readonly S3Object[],
    signal: AbortSignal,
  ): Promise<void> {
    const { connection, watch, log } = this.#ui;
    const noStack = watch.last?.pipeline && !watch.last.pipeline.outputs;
    if (objects.length === 0 || !this.#view.visible || noStack) return;
    try {
      const found = await connection.use(
        async (session) => {
          const { resultsTable } = await pipelineOf(session);
          return newestStatuses(resultsTable, bucket, objects, session.services.batches, signal);
        },
        { ask: false, signal },
      );
      if (found.size === 0 || signal.aborted) return;
      this.#statuses.set(id, new Map([...(this.#statuses.get(id) ?? []), ...found]));
      this.tree.refresh(this.tree.find(id));
    } catch (error) {
      // An addition that nobody asked for: without a stack, or without the right, the level is complete as it is.
      log.debug(`${id}: ${messageOf(error)}`);
    }
  }
}
