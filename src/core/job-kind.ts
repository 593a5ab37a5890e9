/** The kinds of job of `POST /jobs` (ittybit.md, "POST /jobs request"). */
export const JOB_KINDS = ['video', 'audio', 'image', 'animation', 'adaptive_video'] as const;
export type JobKind = (typeof JOB_KINDS)[number];
