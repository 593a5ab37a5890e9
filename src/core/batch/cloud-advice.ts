/** What is known of an enqueue before it begins. */
export interface EnqueueSize {
  /** objects that have to be listed */
  readonly objects: number;
  /** how long the editor's enqueue takes, in seconds; undefined where it is not known */
  readonly enqueueSeconds?: number | undefined;
  /** how long the stack works on its files, in days; undefined where it is not known */
  readonly backlogDays?: number | undefined;
}

/** Whether an enqueue should run in the cloud. `required`: the editor's would send more than the queue keeps. */
export type CloudAdvice = 'not-needed' | 'suggested' | 'default' | 'required';

const SUGGESTED_OBJECTS = 1_000_000;
const SUGGESTED_SECONDS = 15 * 60;
const DEFAULT_OBJECTS = 10_000_000;
/** A message lives 14 days (SQS, MessageRetentionPeriod); the rest is room for a pause. */
export const MOST_BACKLOG_DAYS = 10;

/** What the editor's enqueue sends: 50,000 files in 10.8 s, with 30 ms a round trip (`npm run bench`). */
const EDITOR_FILES_PER_SECOND = 4_600;

/**
 * @param files that will be sent
 * @param countedIn how long their dry run took, in seconds: the enqueue lists and asks at least as much
 * @returns how long the editor's enqueue takes at least, in seconds
 */
export function enqueueSeconds(files: number, countedIn: number): number {
  return Math.max(countedIn, files / EDITOR_FILES_PER_SECOND);
}

/** @returns where the enqueue should run */
export function cloudAdvice({ objects, enqueueSeconds = 0, backlogDays = 0 }: EnqueueSize): CloudAdvice {
  if (backlogDays > MOST_BACKLOG_DAYS) return 'required';
  if (objects > DEFAULT_OBJECTS) return 'default';
  return objects > SUGGESTED_OBJECTS || enqueueSeconds > SUGGESTED_SECONDS ? 'suggested' : 'not-needed';
}
