import type * as vscode from 'vscode';
import { isAbort, MediaBatchError, messageOf } from '../../core/errors.ts';
import { Lifetime, type Disposable } from '../../core/lifetime.ts';
import type { S3Object } from '../../core/files/bucket-store.ts';
import { s3Uri, type S3Location } from '../../core/files/s3-location.ts';
import { visibleText } from '../../core/visible-text.ts';
import { readPins, samePlace } from './pins.ts';
import type { ScopeContext } from '../watch/scope-context.ts';
import { BucketListing, type Entry } from './bucket-listing.ts';
import {
  bucketPlace,
  levelId,
  levelRow,
  noBucketsRow,
  objectRow,
  placeOf,
  rootPlace,
  PAGE_SIZE,
  type LevelPlace,
} from './bucket-rows.ts';
import { moreRow } from '../base/more-row.ts';
import { NodeTree } from '../base/node-tree.ts';
import type { ViewNode } from '../base/node.ts';
import { ObjectStatuses } from './object-statuses.ts';
import { hasWelcome } from '../watch/or-welcome.ts';
import type { StackScope } from '../watch/stack-scope.ts';

const VIEW = 'mediaBatch.buckets';

type Context = Pick<ScopeContext, 'vs' | 'log' | 'connection' | 'scopes'>;

/**
 * The view of pins and buckets, prefixes and objects. It asks AWS only for what the editor wants to draw, one page of one
 * level at a time, and keeps that until it is reloaded. The listing belongs to the connection; the statuses of the objects
 * belong to the stack.
 */
export class BucketsView implements Disposable {
  readonly #ui: Context;
  readonly #lifetime = new Lifetime();
  readonly tree: NodeTree;
  readonly #view: vscode.TreeView<ViewNode>;
  /** key prefixes that S3 is asked for, by the id of the filtered level */
  readonly #filters = new Map<string, string>();
  #listing: BucketListing;
  #statuses: ObjectStatuses;

  constructor(ui: Context) {
    this.#ui = ui;
    const { vs, connection, scopes } = ui;
    this.#listing = new BucketListing(connection);
    this.#statuses = this.#newStatuses();
    this.tree = this.#lifetime.use(new NodeTree(ui, { roots: () => this.#roots() }));
    this.#view = this.tree.show(VIEW, { showCollapseAll: true });
    this.#lifetime.use(scopes.follow((scope, before) => this.#show(scope, before)));
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

  /** Forgets what has been listed, and lists what is shown again. Filters stay. */
  refresh(): void {
    this.#relist(this.#listing.visits);
    this.#statuses.forget('');
    this.tree.refresh();
  }

  /** Lists one level and the levels below it again. */
  reload(node: ViewNode): void {
    this.#forget(node.id);
    this.tree.refresh(node);
  }

  /**
   * Shows one more page of the level whose "Load more" row this is.
   * @throws AwsError; the rows that are shown stay
   */
  async loadMore(node: ViewNode): Promise<void> {
    const level = this.tree.getParent(node);
    await this.#ui.vs.window.withProgress({ location: { viewId: VIEW } }, () =>
      this.#listing.more(level?.id),
    );
    this.tree.refresh(level);
  }

  /** @returns the key prefix that a level is filtered by; undefined when it is not filtered */
  filterOf(node: ViewNode): string | undefined {
    return this.#filters.get(node.id);
  }

  /** Filters a level. @param prefix whole key prefix to ask S3 for; undefined shows everything again */
  filter(node: ViewNode, prefix: string | undefined): void {
    this.#setFilter(node.id, prefix);
    // The row itself changes too, and the level above draws it.
    this.tree.refresh(this.tree.getParent(node));
  }

  /**
   * Opens the view with an object selected, however many others its bucket has: it filters the bucket, or the pin that
   * covers the object, by the whole key.
   * @throws AwsError; MediaBatchError `not-found` when the object is gone
   */
  async reveal({ bucket, key }: S3Location): Promise<void> {
    await this.#ui.vs.commands.executeCommand(`${VIEW}.focus`);
    const covers = (row: ViewNode): boolean => {
      const place = placeOf(row);
      return place?.bucket === bucket && key.startsWith(place.prefix);
    };
    const known = (await this.tree.read()).some(covers);
    // Without a connection the view says what to do.
    if (hasWelcome(this.#ui.connection.state)) return;
    if (!known) this.#listing.visit({ bucket, prefix: '' });
    const root = (await this.tree.read()).find(covers);
    if (!root) return;
    this.#setFilter(root.id, key);
    const shown = (await this.tree.read()).find(({ id }) => id === root.id) ?? root;
    const rows = await this.tree.read(shown);
    this.tree.refresh();
    const row = rows.find(({ data }) => (data as Partial<S3Location> | undefined)?.key === key);
    const problem = rows.find(({ tokens }) => tokens.includes('error'))?.data;
    await this.#view.reveal(row ?? shown, { select: true, focus: true, expand: !row });
    if (problem instanceof Error) throw problem;
    if (row) return;
    throw new MediaBatchError(
      'not-found',
      this.#ui.vs.l10n.t(
        '{0} does not exist any more: it was deleted or renamed.',
        visibleText(s3Uri({ bucket, key })),
      ),
    );
  }

  dispose(): void {
    this.#lifetime.dispose();
    this.#listing.dispose();
  }

  #show(scope: StackScope, before: StackScope | undefined): Disposable {
    const shown = new Lifetime();
    if (before) {
      if (before.connectionId !== scope.connectionId) this.#relist([]);
      this.#statuses = this.#newStatuses();
      this.tree.refresh();
    }
    shown.use(this.#statuses);
    shown.use(
      scope.watch.onChange(({ reading }) => {
        this.#statuses.take(reading?.batches);
      }),
    );
    shown.use(
      scope.onNews(() => {
        this.tree.refresh();
      }),
    );
    return shown;
  }

  #relist(visits: BucketListing['visits']): void {
    this.#listing.dispose();
    this.#listing = new BucketListing(this.#ui.connection, visits);
  }

  #newStatuses(): ObjectStatuses {
    return new ObjectStatuses({
      scope: this.#ui.scopes.present,
      isVisible: () => this.#view.visible,
      onChange: (level) => {
        this.tree.redraw(this.tree.find(level));
      },
      onFailure: (sentence) => {
        this.#ui.log.debug(sentence);
      },
    });
  }

  #forget(level: string): void {
    this.#listing.forget(level);
    this.#statuses.forget(level);
  }

  #setFilter(id: string, prefix: string | undefined): void {
    if (prefix === undefined) this.#filters.delete(id);
    else this.#filters.set(id, prefix);
    this.#forget(id);
  }

  async #roots(): Promise<readonly ViewNode[]> {
    const { vs, connection, log } = this.#ui;
    const pins = readPins(vs);
    const visits = this.#listing.visits.filter((visit) => !pins.some((pin) => samePlace(pin, visit)));
    const places = [
      ...pins.map((pin) => rootPlace('pin', pin)),
      ...visits.map((visit) => rootPlace('visit', visit)),
    ];
    const ahead = places.map((place) => this.#level(place));
    try {
      const { items, next } = await this.#listing.buckets();
      const rows = items.map((bucket) => this.#level(bucketPlace(bucket), { region: bucket.region }));
      return [...ahead, ...rows, ...(next === undefined ? [] : [moreRow(vs, '')])];
    } catch (error) {
      if (isAbort(error)) throw error;
      if (hasWelcome(connection.state)) return [];
      if (!(error instanceof MediaBatchError)) throw error;
      log.error(messageOf(error));
      return [...ahead, noBucketsRow(vs, error)];
    }
  }

  #level(place: LevelPlace, look: { region?: string | undefined; above?: string } = {}): ViewNode {
    const filter = this.#filters.get(levelId(place));
    return levelRow(this.#ui.vs, place, { ...look, filter, children: () => this.#children(place) });
  }

  async #children(place: LevelPlace): Promise<readonly ViewNode[]> {
    const { vs } = this.#ui;
    const id = levelId(place);
    const { items, next } = await this.#listing.level(place, this.#filters.get(id));
    const above = place.prefix;
    const statuses = this.#statuses.of(id, place.bucket, items.filter(isObject));
    const rows = items.map((entry) =>
      typeof entry === 'string'
        ? this.#level({ ...place, kind: 'prefix', prefix: entry }, { above })
        : objectRow(vs, place, entry, { above, result: statuses.get(entry.key) }),
    );
    return next === undefined ? rows : [...rows, moreRow(vs, id, PAGE_SIZE)];
  }
}

function isObject(entry: Entry): entry is S3Object {
  return typeof entry !== 'string';
}
