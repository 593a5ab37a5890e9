import type { Status } from '../../src/core/batch/result-item.ts';
import type { JobOptions } from '../../src/core/ittybit/job-options.ts';

export const BUCKET = 'media';
export const KEYS = ['f0.mp4', 'f1.mp4', 'f2.mp4'] as const;

/** What a batch asks for: the same job, another one, the same again, an output of the user's own, or a bare message. */
export const WISHES = ['same', 'other', 'again', 'output', 'bare'] as const;
export type Wish = (typeof WISHES)[number];

/** How a world begins. */
export interface Setup {
  readonly seed: number;
  readonly remembersRefusals: boolean;
  readonly mismatch: 400 | 409 | 422;
  readonly isBare: boolean;
  readonly isMurky: boolean;
  /** histories of seconds, where everybody meets, or of days */
  readonly isRacing: boolean;
  readonly batches: readonly { readonly wish: Wish; readonly files: number }[];
  /** the state of a file of an older stack */
  readonly old: { readonly status: Status; readonly hasJob: boolean } | undefined;
  /** messages of an enqueue count as received so often before the first time */
  readonly receives: number;
}

const SAME: JobOptions = { kind: 'video', options: { format: 'mp4', width: 1920 } };
const OTHER: JobOptions = { kind: 'video', options: { format: 'mp4', width: 1280 } };
/** All files would write to one address. */
const OUTPUT: JobOptions = { ...SAME, output: 's3://results/all.mp4' };

/** @param stackOptions the stack's default options, of which there are two */
export function jobOf(wish: Wish, stackOptions: number): JobOptions {
  switch (wish) {
    case 'same':
    case 'again':
      return SAME;
    case 'other':
      return OTHER;
    case 'output':
      return OUTPUT;
    case 'bare':
      return { kind: 'video', options: { format: 'webm', width: 1000 + stackOptions } };
  }
}
