/** The kind of a seeded object; only `media` must reach Ittybit. */
export type WildKind = 'media' | 'document' | 'folder-marker' | 'empty';

export interface WildFile {
  readonly key: string;
  readonly kind: WildKind;
}

/** Prefixes of the demo: each shows one thing that happens to real backlogs. */
export const PLACES = {
  /** Ittybit cannot read these until the cause is fixed: dead letters at once */
  locked: 'footage/locked/',
  /** Ittybit answers 503 for these until the cause is fixed: dead letters after the last attempt */
  outage: 'footage/outage/',
  /** Ittybit's first answer for these is lost on the way */
  flaky: 'footage/flaky/',
  /** Ittybit never reports how these end */
  silent: 'footage/silent/',
  /** these end as failed jobs */
  corrupt: 'footage/corrupt/',
} as const;

/** The prefix of all these places. */
export const PREFIX = 'footage/';

/** File names that break pipelines in practice. */
const NAMES = [
  'a plain name.mp4',
  'C++ lecture 1+1.mov',
  '100% final.mkv',
  'reel #7.webm',
  'cats & dogs.mp4',
  'what now?.mov',
  `"quoted" and 'single'.mp4`,
  'party 🎉👩‍👩‍👧.mp4',
  'cafe\u0301 combining.mp4',
  'caf\u00e9 composed.mp4',
  'SHOUTING.MP4',
  'Mixed.MoV',
  'percent%2Fencoded%20twice.mp4',
  'semi;colon=and,comma.mp4',
  'back\\slash.mp4',
  'two  spaces .mp4',
  'dots...and..dots.mp4',
  '日本語の映像.mkv',
  'عربي.webm',
  'tab\tand<angle>.mp4',
  '~tilde^caret|pipe`tick.mp4',
  '${notATemplate}{key}$&.mp4',
];

const DOCUMENTS = [
  'notes.txt',
  'report.PDF',
  'thumbs.db',
  'mp4',
  'archive.mp4.zip',
  '.DS_Store',
  'no-extension',
];

/**
 * Makes up the objects of a realistic bucket.
 * @param count how many media files, 1 or more; a small number leaves some odd names out
 * @returns the media files, and about a fifth as many objects that must be skipped; no key appears twice
 */
export function wildFiles(count: number): WildFile[] {
  const media = new Set<string>();
  const special = Math.max(1, Math.floor(count / 50));
  for (const place of Object.values(PLACES)) {
    for (let i = 0; i < special; i++) media.add(`${place}reel ${i} (7+8).mov`);
  }
  media.add(longKey('.mp4'));
  for (const name of NAMES) if (media.size < count) media.add(`${PREFIX}wild/${name}`);
  for (let i = 0; media.size < count; i++) {
    media.add(
      `${PREFIX}${1990 + (i % 30)}/tape ${Math.floor(i / 30) % 12}/${NAMES[i % NAMES.length] ?? ''}.${i}.mp4`,
    );
  }
  const skipped: WildFile[] = [];
  for (let i = 0; i < Math.ceil(count / 8); i++) {
    const document = DOCUMENTS[i % DOCUMENTS.length] ?? '';
    skipped.push({ key: `${PREFIX}${1990 + (i % 30)}/${i} ${document}`, kind: 'document' });
  }
  for (const folder of ['', '1990/', 'wild/', 'empty folder.mp4/']) {
    skipped.push({ key: `${PREFIX}${folder}`, kind: 'folder-marker' });
  }
  for (let i = 0; i < 3; i++) skipped.push({ key: `${PREFIX}wild/empty ${i}.mp4`, kind: 'empty' });
  const wanted = [...media].slice(0, count);
  return [...wanted.map((key): WildFile => ({ key, kind: 'media' })), ...skipped];
}

/** The longest key that S3 takes: 1,024 bytes of UTF-8, mostly in letters of two bytes. */
function longKey(extension: string): string {
  const start = `${PREFIX}long/`;
  const room = 1024 - start.length - extension.length;
  return `${start}${'é'.repeat(Math.floor(room / 2))}${'x'.repeat(room % 2)}${extension}`;
}
