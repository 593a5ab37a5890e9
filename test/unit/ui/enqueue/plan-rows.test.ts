import assert from 'node:assert/strict';
import { isAbort } from '../../../../src/core/errors.ts';
import { NOTHING_READ, type EnqueuePlan } from '../../../../src/app/batch/plan-enqueue.ts';
import { NO_NOTES, type PlanNotes } from '../../../../src/app/batch/plan-notes.ts';
import { extensionRows, otherFormRows, planWarnings } from '../../../../src/ui/enqueue/plan-rows.ts';
import { enqueuePrefixCommand } from '../../../../src/ui/enqueue/enqueue-prefix.ts';
import { s3Object } from '../../../helpers/fakes.ts';
import { enqueueFixture, placeNode, row } from '../../../helpers/ui/enqueue-fixture.ts';
import { stubVscode } from '../../../helpers/ui/vscode-stub.ts';

const NOW = Date.parse('2026-11-26T12:00:00Z');
const HOUR = 3_600_000;
const PLACE = { bucket: 'film', prefix: 'years/2024' };

describe('what the dry run warns about', () => {
  const { vs } = stubVscode();
  const planOf = (notes: Partial<PlanNotes>, change: Partial<EnqueuePlan> = {}): EnqueuePlan => ({
    ...{ ...NOTHING_READ, truncated: false, ...change },
    notes: { ...NO_NOTES, ...notes },
  });
  const warnings = (notes: Partial<PlanNotes>, seconds?: number, change?: Partial<EnqueuePlan>) =>
    planWarnings(vs, planOf(notes, change), PLACE, seconds, NOW).map(
      ({ label, detail }) => `${label} | ${detail}`,
    );
  const neighbours = (own: boolean, folders: number, files: number, names: string[]) =>
    warnings({ neighbours: { own, folders, files, names } }).join();

  it('is nothing in most cases', () => {
    assert.deepEqual(warnings({}, 60), []);
    assert.equal(neighbours(true, 0, 0, []), '', 'the folder alone');
    assert.equal(neighbours(false, 0, 5, ['reel-1.mp4', 'reel-2.mp4']), '', 'a prefix of file names');
  });

  it('names neighbours, hostile ones without effect, and says how to take the folder alone', () => {
    const text = neighbours(true, 5, 1, [
      '2024-$(x)\u202e/',
      '2024_old/',
      '2024.mp4',
      `2024${'x'.repeat(99)}/`,
    ]);
    assert.match(text, /no \/ at its end, so it takes 6 neighbours too \| 2024-\\\$\(x\)/);
    assert.match(
      text,
      /2024_old\/, 2024\.mp4, 2024x+…?.*, …\. For its folder alone: s3:\/\/film\/years\/2024\/$/,
    );
    assert.ok(!text.includes('\u202e') && !text.includes('x'.repeat(80)));
    assert.match(neighbours(false, 2, 0, ['2024-a/', '2024-b/']), /it takes 2 names \| 2024-a\/, 2024-b\/$/);
  });

  it('counts the restored copies that end before the backlog does', () => {
    const copies = new Map([
      [NOW + HOUR, 2],
      [NOW + 2 * HOUR, 3],
      [NOW + 50 * HOUR, 1],
    ]);
    assert.deepEqual(warnings({ copies }, 3599), []);
    assert.match(
      warnings({ copies }, 3600).join(),
      /\$\(warning\) 2 restored copies may end before their turn/,
    );
    assert.match(
      warnings({ copies }, 7200).join(),
      / 5 restored copies .*The first ends .+\. Restore them for longer/,
    );
    assert.match(warnings({ copies }).join(), / 6 restored copies /, 'the time is not known');
    assert.match(warnings({ copies }, 7200, { truncated: true }).join(), /At least 5 restored copies/);
  });

  it('says what no listing shows', () => {
    assert.match(
      warnings({ tiered: 1_200 }, 60).join(),
      /1,200 files are in INTELLIGENT_TIERING \| .*archive tier/,
    );
  });

  it('says how stream segments are taken', () => {
    const left = (segment: number) => warnings({}, 60, { skipped: { segment } }).join();
    assert.equal(left(0), '');
    assert.match(left(1), /1 stream segment is left out \| .*tick "Stream segments too"/);
    assert.match(left(1_200), /1,200 stream segments are left out/);
  });

  it('counts the extensions, a handful by name', () => {
    const labels = (counts: [string, number][]) =>
      extensionRows(vs, planOf({ extensions: new Map(counts) })).map(({ label }) => label);
    assert.deepEqual(labels([]), []);
    assert.deepEqual(
      labels([
        ['mov', 3],
        ['ts', 1_200],
      ]),
      ['$(file-media) 1,200 ts, 3 mov'],
    );
    assert.deepEqual(
      labels([
        ['a', 1],
        ['b', 2],
        ['c', 3],
        ['d', 4],
        ['e', 5],
        ['f', 6],
        ['g', 1],
      ]),
      ['$(file-media) 6 f, 5 e, 4 d, 3 c, 2 b, 2 others'],
    );
  });

  it('names the other form of a prefix', () => {
    assert.deepEqual(otherFormRows(vs, planOf({}), PLACE), []);
    const [row] = otherFormRows(vs, planOf({}, { otherForm: 'Cafe\u0301 $(x)/' }), PLACE);
    assert.match(row?.label ?? '', /s3:\/\/film\/Cafe\u0301 \\\$\(x\)\/ is there with the same letters/);
  });
});

describe('Enqueue Prefix, over more than masters', () => {
  const size = 1_000_000;
  const pieces = Array.from({ length: 12 }, (_, i) => s3Object(`hls/seg_${i}.ts`, { size }));
  const objects = [...pieces, 'hls/z.m3u8', 'hls-old/film.mov', 'hls-old/._film.mov', 'hls.mp4'];
  const showDetails = {
    'Nothing has been sent': '$(run-all) Enqueue 2 files',
  };

  it('shows the neighbours, what is skipped and why, and the extensions', async () => {
    const made = enqueueFixture(objects, showDetails);
    await enqueuePrefixCommand(made.ui, placeNode('film', 'hls'));
    const review = made.review();
    assert.match(review, /it takes 2 names \| hls-old\/, hls\.mp4/);
    assert.match(review, /12 stream segments/);
    assert.match(review, /1 sidecar of a system, file server or camera/);
    assert.match(review, /\$\(file-media\) 1 mov, 1 mp4/);
    assert.deepEqual(made.sent().toSorted(), ['hls-old/film.mov', 'hls.mp4']);
  });

  it('sends the pieces where the user ticks them', async () => {
    const made = enqueueFixture(objects, {
      'There is nothing': row('$(filter)'),
      'Only some of these': { tick: ['Stream segments too'] },
    });
    await enqueuePrefixCommand(made.ui, placeNode('film', 'hls/'));
    assert.equal(made.sent().length, 12);
    const without = enqueueFixture(objects, { 'There is nothing': undefined });
    await assert.rejects(enqueuePrefixCommand(without.ui, placeNode('film', 'hls/')), isAbort);
    const nothing = without.stub.shown.find(({ detail }) => detail === 'There is nothing to enqueue')?.items;
    assert.deepEqual(
      nothing?.slice(0, 3).map(({ label }) => label),
      [
        '$(arrow-left) Change the Answers',
        '$(list-flat) Show What Is Left Out…',
        '$(info) 12 stream segments are left out',
      ],
    );
  });

  it('refuses a directory bucket before it asks AWS', async () => {
    const made = enqueueFixture(objects, { 'Which bucket': 's3://films--use1-az4--x-s3/' });
    await assert.rejects(enqueuePrefixCommand(made.ui), isAbort);
    const places = made.stub.shown.filter(({ detail }) => detail?.startsWith('Which bucket'));
    assert.match(places[1]?.choices[0] ?? '', /S3 Express, which lists its files in no order/);
    const given = enqueueFixture(objects);
    await assert.rejects(
      enqueuePrefixCommand(given.ui, placeNode('films--use1-az4--x-s3', '')),
      /S3 Express/,
    );
    assert.deepEqual([made.sent(), given.sent()], [[], []]);
    assert.deepEqual(
      given.buckets.asked.filter((asked) => asked !== 'ListBuckets'),
      [],
    );
  });
});
