/** The kinds of job of `POST /jobs` (Ittybit API reference, "Create a job"). */
export const JOB_KINDS = ['video', 'audio', 'image', 'animation', 'adaptive_video'] as const;
export type JobKind = (typeof JOB_KINDS)[number];
