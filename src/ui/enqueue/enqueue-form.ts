import type * as vscode from 'vscode';
import type { EnqueuePlan } from '../../app/batch/plan-enqueue.ts';
import type { JobOptions } from '../../core/ittybit/job-options.ts';
import type { S3Prefix } from '../../core/files/s3-location.ts';

/** The optional conditions that "Enqueue Prefix…" asks about one by one. */
export type Condition = 'glob' | 'size' | 'changed-since' | 'not-yet-done';

/** A job document to open: a new one from a job, or one that is open and cannot be used as it is. */
export type EditFirst =
  | { readonly job: JobOptions }
  | { readonly uri: vscode.Uri; readonly name: string; readonly problem: string };

/** What the user has answered so far; Back gives a question what it was answered before. */
export interface EnqueueForm {
  readonly place?: S3Prefix | undefined;
  /** a job document has to be edited first: nothing more is asked then */
  readonly edit?: EditFirst | undefined;
  /** the chosen job, with its output once that has been answered */
  readonly job?: JobOptions | undefined;
  /** the label it was chosen by */
  readonly jobLabel?: string | undefined;
  readonly extensions?: readonly string[] | undefined;
  readonly conditions: readonly Condition[];
  /** answers about the conditions as they were typed; empty where nothing was */
  readonly glob: string;
  readonly smallest: string;
  readonly largest: string;
  readonly changedSince: string;
  /** what the dry run found, once the user has agreed to it */
  readonly plan?: EnqueuePlan | undefined;
}

/** A form that can be planned and sent. */
export type CompleteForm = EnqueueForm & {
  readonly place: S3Prefix;
  readonly job: JobOptions;
  readonly extensions: readonly string[];
};

/** A form without an answer. */
export const EMPTY_FORM: EnqueueForm = {
  conditions: [],
  glob: '',
  smallest: '',
  largest: '',
  changedSince: '',
};

/** @returns true where every question that has to be answered is */
export function isComplete(form: EnqueueForm): form is CompleteForm {
  return form.place !== undefined && form.job !== undefined && form.extensions !== undefined;
}
