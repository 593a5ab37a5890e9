import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { InvalidInputError } from '../../../../src/core/errors.ts';
import type { S3Object } from '../../../../src/core/files/bucket-store.ts';
import {
  clearPrefixFilterCommand,
  filteredPrefix,
  filterPrefixCommand,
} from '../../../../src/ui/buckets/filter-prefix.ts';
import { BucketsView } from '../../../../src/ui/buckets/buckets-view.ts';
import type { ViewNode } from '../../../../src/ui/base/node.ts';
import { awsError, s3Object } from '../../../helpers/fakes.ts';
import type { Answer } from '../../../helpers/ui/vscode-stub.ts';
import type { StubRow } from '../../../helpers/ui/vscode-stub-views.ts';
import { MemoryBuckets } from '../../../helpers/ui/memory-buckets.ts';
import { fixture } from '../../../helpers/ui/ui-fixture.ts';

const node = (row: StubRow | undefined): ViewNode => row?.node as ViewNode;
const labels = (rows: readonly StubRow[]): string[] => rows.map(({ label }) => label);

function open(
  content: Readonly<Record<string, readonly (string | S3Object)[]>>,
  { pins = [], answer }: { pins?: readonly string[]; answer?: Answer } = {},
) {
  const buckets = new MemoryBuckets(content);
  const made = fixture(answer, { services: { buckets } });
  made.stub.settings.set('mediaBatch.pins', pins);
  const view = new BucketsView(made.ui);
  const shown = made.stub.treeViews.get('mediaBatch.buckets');
  assert.ok(shown);
  const rows = (row?: StubRow) => shown.rows(row?.node);
  const row = async (label: string, parent?: StubRow): Promise<StubRow> => {
    const found = (await rows(parent)).find((known) => known.label === label);
    assert.ok(found, label);
    return found;
  };
  return { ...made, buckets, view, shown, rows, row };
}

describe('the first level of the Buckets view', () => {
  it('sends no request before it is drawn, and then asks for one page of buckets only', async () => {
    const { buckets, rows } = open({ film: ['a.mp4'], tape: [] }, { pins: ['s3://other/1999/'] });
    await setImmediate();
    assert.deepEqual(buckets.asked, []);
    const shown = await rows();
    assert.deepEqual(labels(shown), ['other/1999/', 'film', 'tape']);
    assert.deepEqual(buckets.asked, ['ListBuckets']);
    assert.deepEqual(
      shown.map(({ icon, contextValue, description }) => [icon, contextValue, description]),
      [
        ['pin', 'level value pin pinned', ''],
        ['database', 'level value bucket', 'eu-west-1'],
        ['database', 'level value bucket', 'eu-west-1'],
      ],
    );
    assert.deepEqual(node(shown[0]).data, { bucket: 'other', prefix: '1999/', value: 's3://other/1999/' });
  });

  it('loads more buckets when asked to', async () => {
    const { buckets, rows, row, view } = open({ a1a: [], b1b: [], c1c: [] });
    buckets.bucketsAPage = 2;
    assert.deepEqual(labels(await rows()), ['a1a', 'b1b', 'Load more']);
    await view.loadMore(node(await row('Load more')));
    assert.deepEqual(labels(await rows()), ['a1a', 'b1b', 'c1c']);
    assert.equal(buckets.asked.length, 2);
  });

  it('keeps pins usable without the right to list buckets, and says what to do', async () => {
    const { buckets, rows, row, view } = open({ film: ['1999/a.mp4'] }, { pins: ['s3://film/1999/'] });
    buckets.before = (request) => {
      if (request === 'ListBuckets') throw awsError('missing-permission', 's3:ListAllMyBuckets');
    };
    const [pin, error] = await rows();
    assert.equal(pin?.label, 'film/1999/');
    assert.equal(error?.label, 'AWS said missing-permission.');
    assert.equal(error.description, 'Or pin a bucket or prefix that you may list.');
    assert.equal(error.contextValue, 'error');
    assert.deepEqual(labels(await rows(pin)), ['a.mp4']);
    buckets.before = () => undefined;
    view.tree.readLevelAgain(node(error));
    assert.deepEqual(labels(await rows()), ['film/1999/', 'film']);
    assert.ok(await row('film'));
  });

  it('shows the welcome content without a login, and its rows again with one', async () => {
    const { connection, rows, buckets, shown } = open({ film: [] }, { pins: ['s3://film/'] });
    const changes: unknown[] = [];
    shown.provider.onDidChangeTreeData?.((change) => changes.push(change));
    connection.become({ kind: 'signed-out', error: awsError('expired-login'), profile: undefined });
    assert.deepEqual(await rows(), []);
    const before = changes.length;
    connection.become({ kind: 'ready', session: connection.session });
    assert.equal(changes.length, before + 1);
    assert.deepEqual(labels(await rows()), ['film', 'film']);
    connection.become({ kind: 'ready', session: connection.session });
    assert.equal(changes.length, before + 1, 'the same session has the same buckets');
    assert.deepEqual(buckets.asked, ['ListBuckets']);
  });

  it('draws pins again when the setting changes, without a request, and leaves out texts that are not addresses', async () => {
    const { stub, rows, buckets } = open({ film: [] }, { pins: ['s3://film/'] });
    await rows();
    stub.changeSettings({ 'mediaBatch.pins': ['', 's3://', 7, 's3://film', 's3://film/', 's3://tape/x'] });
    assert.deepEqual(labels(await rows()), ['film', 'tape/x', 'film']);
    assert.deepEqual(buckets.asked, ['ListBuckets']);
  });
});

describe('a level of the Buckets view', () => {
  it('has prefixes and objects with size and date', async () => {
    const lastModified = new Date(2021, 2, 3, 12);
    const { rows, row } = open({
      film: [
        '1998/x.mp4',
        s3Object('1999/', { size: 0 }),
        '1999/y.mp4',
        s3Object('a.mp4', { size: 1.23e9, lastModified }),
      ],
    });
    const film = await row('film');
    const level = await rows(film);
    assert.deepEqual(
      level.map(({ label, description, icon }) => [label, description, icon]),
      [
        ['1998/', '', 'folder'],
        ['1999/', '', 'folder'],
        ['a.mp4', '1.23 GB, Mar 3, 2021', 'file'],
      ],
    );
    assert.deepEqual(node(level[2]).data, { bucket: 'film', key: 'a.mp4', value: 's3://film/a.mp4' });
    assert.equal(level[2]?.contextValue, 'object value');
    assert.deepEqual(labels(await rows(level[1])), ['y.mp4'], 'the folder marker is the level itself');
  });

  it('loads 200 rows at a time, with one request each, at any size', async () => {
    const keys = Array.from({ length: 450 }, (_, index) => `f${String(index).padStart(3, '0')}.mp4`);
    const { buckets, rows, row, view } = open({ film: keys });
    const film = await row('film');
    assert.equal((await rows(film)).length, 201);
    assert.equal((await rows(film)).length, 201, 'drawing it again asks nothing');
    assert.deepEqual(buckets.levels, [{ bucket: 'film', prefix: '', max: 200, next: undefined }]);
    const more = node(await row('Load 200 more', film));
    assert.equal(more.open, 'mediaBatch.loadMore');
    await Promise.all([view.loadMore(more), view.loadMore(more)]);
    assert.equal((await rows(film)).length, 401);
    assert.equal(buckets.levels.length, 2);
    await view.loadMore(more);
    assert.deepEqual(labels(await rows(film)), keys);
  });

  it('keeps its rows while the bucket and the counts of a batch change, until it is read again', async () => {
    const { buckets, rows, row, view, watch, ui } = open({ film: ['a.mp4', 'b.mp4'] });
    const film = await row('film');
    assert.deepEqual(labels(await rows(film)), ['a.mp4', 'b.mp4']);
    const fuller = new MemoryBuckets({ film: ['0.mp4', 'a.mp4', 'b.mp4'] });
    buckets.level = (query, signal) => {
      buckets.asked.push(query);
      return fuller.level(query, signal);
    };
    const asked = buckets.asked.length;
    watch.tell({ reading: { batches: new Map(), problems: {}, busy: true }, error: undefined });
    ui.scopes.present.redriven();
    assert.deepEqual(labels(await rows(film)), ['a.mp4', 'b.mp4']);
    assert.equal(buckets.asked.length, asked);
    view.reload(node(film));
    assert.deepEqual(labels(await rows(film)), ['0.mp4', 'a.mp4', 'b.mp4']);
  });

  it('keeps its rows when the next page fails', async () => {
    const keys = Array.from({ length: 201 }, (_, index) => `f${index}.mp4`);
    const { buckets, rows, row, view } = open({ film: keys });
    const film = await row('film');
    const more = node(await row('Load 200 more', film));
    buckets.before = () => {
      throw awsError('throttled');
    };
    await assert.rejects(view.loadMore(more), { code: 'throttled' });
    assert.equal((await rows(film)).length, 201);
    buckets.before = () => undefined;
    await view.loadMore(more);
    assert.equal((await rows(film)).length, 201);
    assert.ok(!labels(await rows(film)).includes('Load 200 more'));
  });

  it('reloads one level alone, with those below it', async () => {
    const { buckets, rows, row, view } = open({ film: ['a/b/c.mp4', 'z/d.mp4'] });
    const film = await row('film');
    const a = await row('a/', film);
    await rows(a);
    await rows(await row('b/', a));
    await rows(await row('z/', film));
    assert.equal(buckets.levels.length, 4);
    view.reload(node(a));
    await rows(await row('b/', await row('a/', film)));
    await rows(await row('z/', film));
    assert.deepEqual(
      buckets.levels.slice(4).map(({ prefix }) => prefix),
      ['a/', 'a/b/'],
    );
  });

  it('says when a level is empty, and shows an error with a way to retry', async () => {
    const { buckets, rows, row, view } = open({ film: [] }, { pins: ['s3://tape/x\u202E/'] });
    const empty = await rows(await row('film'));
    assert.deepEqual(labels(empty), ['Nothing under this prefix: s3://film/']);
    const pin = await row('tape/x\\u{202e}/');
    const [error] = await rows(pin);
    assert.equal(error?.label, 'AWS said no-such-bucket.');
    buckets.before = () => {
      throw awsError('missing-permission');
    };
    view.tree.readLevelAgain(node(error));
    assert.deepEqual(labels(await rows(pin)), ['AWS said missing-permission.']);
  });

  it('shows hostile keys in full and as they are, each once', async () => {
    const keys = [
      'a//b.mp4',
      'a/../b.mp4',
      'a/..',
      '/x.mp4',
      'cr\r\nlf.mp4',
      'rtl\u202Egpj.mp4',
      'p',
      'p/q.mp4',
      'p/error',
      'p/more',
      ']p',
      `${'é'.repeat(510)}.mp4`,
      '[x](command:evil)',
    ];
    const { rows } = open({ film: keys }, { pins: ['s3://film/', 's3://film/p', 's3://film/p/'] });
    const ids = new Set<string>();
    const found: string[] = [];
    const walk = async (parent?: StubRow): Promise<void> => {
      for (const row of await rows(parent)) {
        const { id, data } = node(row);
        assert.ok(!ids.has(id), id);
        ids.add(id);
        assert.doesNotMatch(row.label, /[\p{Cc}\p{Cf}]/u);
        const { key } = data as { key?: string };
        if (key !== undefined) found.push(key);
        if (row.expandable) await walk(row);
      }
    };
    await walk();
    // Listed by the bucket and by the pin of all of it; the two other pins list what is theirs.
    assert.deepEqual(
      found.toSorted(),
      [...keys, ...keys, 'p', 'p/q.mp4', 'p/error', 'p/more', 'p/q.mp4', 'p/error', 'p/more'].toSorted(),
    );
  });
});

describe('Filter by Prefix', () => {
  const KEYS = Array.from({ length: 1000 }, (_, index) => `${1000 + index}/reel.mp4`);

  it('lets S3 list the keys that start with the text, and shows the filter in the row', async () => {
    const { buckets, ui, rows, row, view } = open({ film: KEYS }, { answer: () => '199' });
    await filterPrefixCommand(ui, view, node(await row('film')));
    const film = await row('film');
    assert.equal(film.description, 'eu-west-1 · filter: 199');
    assert.match(film.contextValue, /\bfiltered\b/);
    assert.equal((await rows(film)).length, 10);
    assert.deepEqual(buckets.levels, [{ bucket: 'film', prefix: '199', max: 200, next: undefined }]);
    clearPrefixFilterCommand(view, node(film));
    const whole = await row('film');
    assert.equal(whole.description, 'eu-west-1');
    assert.equal((await rows(whole)).length, 201);
  });

  it('mentions the filter when no key starts with the text', async () => {
    const { ui, rows, row, view } = open({ film: KEYS }, { answer: () => 'Reel' });
    await filterPrefixCommand(ui, view, node(await row('film')));
    assert.deepEqual(labels(await rows(await row('film'))), [
      'No key starts with s3://film/Reel: change or clear the filter.',
    ]);
  });

  it('finds the letters of the text in either of their forms, page by page', async () => {
    const names = Array.from({ length: 201 }, (_, i) => `1999/Cafe\u0301 ${1000 + i}.mov`);
    const { ui, rows, row, view, buckets } = open(
      { film: [...names, '1999/Cafe.mov'] },
      { answer: () => '1999/Caf\u00e9' },
    );
    await filterPrefixCommand(ui, view, node(await row('film')));
    const shown = labels(await rows(await row('film')));
    assert.equal(shown.length, 201, '200 and a row for more');
    assert.ok(shown[0]?.startsWith('1999/Cafe\u0301'));
    assert.deepEqual(
      buckets.levels.map(({ prefix }) => prefix),
      ['1999/Caf\u00e9', '1999/Cafe\u0301'],
    );
    await view.loadMore(node(await row('Load 200 more', await row('film'))));
    assert.equal((await rows(await row('film'))).length, 201);
    assert.equal(buckets.levels.at(-1)?.prefix, '1999/Cafe\u0301');
  });

  it('changes nothing on Escape', async () => {
    const { ui, row, view } = open({ film: KEYS });
    const film = await row('film');
    await assert.rejects(filterPrefixCommand(ui, view, node(film)), { name: 'AbortError' });
    assert.equal(view.filterOf(node(film)), undefined);
  });

  it('takes a text to append, a path, or a whole address under the level', () => {
    const place = { bucket: 'film', prefix: '1999/' };
    assert.equal(filteredPrefix(place, 're'), '1999/re');
    assert.equal(filteredPrefix(place, ''), '1999/');
    assert.equal(filteredPrefix(place, '1999/re'), '1999/re');
    assert.equal(filteredPrefix(place, 's3://film/1999/1999/'), '1999/1999/');
    assert.throws(() => filteredPrefix(place, 's3://film/2000/'), { code: 'invalid-input' });
    assert.throws(() => filteredPrefix(place, 's3://tape/1999/'), { code: 'invalid-input' });
  });

  it('never asks for anything outside of the level', () => {
    const texts = fc.oneof(
      fc.string(),
      fc.string().map((text) => `s3://film/${text}`),
    );
    fc.assert(
      fc.property(fc.string(), texts, (prefix, text) => {
        try {
          return filteredPrefix({ bucket: 'film', prefix }, text).startsWith(prefix);
        } catch (error) {
          return error instanceof InvalidInputError;
        }
      }),
    );
  });
});

describe('Reveal Source', () => {
  const FILM = { film: Array.from({ length: 1000 }, (_, index) => `1999/reel ${index}.mov`) };

  it('selects the object with one request, however many are around it', async () => {
    const { buckets, stub, view, shown } = open(FILM);
    await view.reveal({ bucket: 'film', key: '1999/reel 777.mov' });
    assert.equal(stub.executed[0]?.id, 'mediaBatch.buckets.focus');
    assert.deepEqual(
      buckets.levels.map(({ prefix }) => prefix),
      ['1999/reel 777.mov'],
    );
    assert.deepEqual((shown.revealed[0] as ViewNode).data, {
      bucket: 'film',
      key: '1999/reel 777.mov',
      value: 's3://film/1999/reel 777.mov',
    });
  });

  it('uses a pin that covers it, and visits a bucket that no listing shows', async () => {
    const { buckets, view, shown, rows } = open(FILM, { pins: ['s3://film/1999/'] });
    buckets.before = (request) => {
      if (request === 'ListBuckets') throw awsError('missing-permission');
    };
    await view.reveal({ bucket: 'film', key: '1999/reel 1.mov' });
    assert.equal((shown.revealed[0] as ViewNode).label, 'reel 1.mov');
    await assert.rejects(view.reveal({ bucket: 'tape', key: 'x.mov' }), { code: 'no-such-bucket' });
    assert.deepEqual(labels(await rows()).slice(0, 2), ['film/1999/', 'tape']);
  });

  it('says that the object is gone', async () => {
    const { view } = open(FILM);
    await assert.rejects(view.reveal({ bucket: 'film', key: '1999/reel 7' + '.mp4' }), { code: 'not-found' });
  });
});
