import assert from 'node:assert/strict';
import { causeWords, mergedCauses } from '../../../../src/core/batch/causes.ts';
import { atOnce } from '../../../../src/core/steps.ts';

const file = (key: string) => ({ batch: 'b1', bucket: 'film-archive', key });

describe('the words of a cause', () => {
  it('leave out names, addresses, ids, quoted parts and numbers', () => {
    const key = 'in/1999/reel "7" it\'s.mov';
    for (const [reason, words] of [
      [`cannot read s3://film-archive/${key} (HTTP 422)`, 'cannot read … (HTTP 422)'],
      [`cannot read ${encodeURI(key)}: moov atom not found`, 'cannot read …: moov atom not found'],
      ['GET https://a.example/x?sig=1 failed with status 403', 'GET … failed with status 403'],
      ['no write access to s3://results/in/1999/reel_720p.webm', 'no write access to …'],
      ['job 6f1c2a3e-9d4b-4c1a-8f00-aa11bb22cc33 timed out after 12.5 s', 'job … timed out after … s'],
      ['request job_xkcdqwe at 2026-11-23T10:00:00.123Z was lost', 'request … at … was lost'],
      [`option "width" isn't valid`, `option … isn't valid`],
      ['codec h264 is not mpeg2video, 720 x 480', 'codec h264 is not mpeg2video, … x …'],
      ['ffmpeg: exit code 137', 'ffmpeg: exit code 137'],
      ['  a\n\tb  ', 'a b'],
      ['', ''],
    ] as const) {
      assert.equal(causeWords(reason, file(key)), words);
    }
  });

  it('keep the status of an answer, which is a cause', () => {
    const statuses = ['HTTP 403', 'HTTP 503', 'HTTP/1.1 404', 'status code 500', 'status: 410'];
    const words = statuses.map((status) => causeWords(`download failed (${status}) in 34 ms`, undefined));
    assert.equal(new Set(words).size, statuses.length);
    assert.equal(words[0], 'download failed (HTTP 403) in … ms');
  });

  it('take no long time for text that is made to take it', () => {
    const start = performance.now();
    for (const part of ['1a', 'a.', '*/', '"', "'", '://', '…', ' ', 'HTTP ', '-0', 'a_1', '\uD800']) {
      causeWords(part.repeat(100_000), file(part.repeat(200)));
    }
    assert.ok(performance.now() - start < 1000);
  });
});

describe('causes that differ in a name that no pattern knows', () => {
  const names = ['anna', 'berta', 'clara', 'dora', 'emma', 'frieda', 'greta'];
  const merged = (counts: Iterable<readonly [string, number]>) => atOnce(mergedCauses(new Map(counts)));

  it('are one, in each place where they differ', () => {
    const rare = names.map((name) => [`user ${name} is unknown`, 1] as const);
    assert.deepEqual(new Set(merged(rare).values()), new Set(['user … is unknown']));
    const twice = names.flatMap((one) => names.map((other) => [`${one} knows no ${other} here`, 1] as const));
    assert.deepEqual(new Set(merged(twice).values()), new Set(['… knows no … here']));
  });

  it('stay apart where they are few, or have many files', () => {
    const few = names.slice(0, 4).map((name) => [`codec ${name} is unknown`, 1] as const);
    assert.equal(new Set(merged(few).values()).size, 4);
    const frequent = names.map((name) => [`codec ${name} is unknown`, 50] as const);
    assert.equal(new Set(merged(frequent).values()).size, names.length);
  });
});
