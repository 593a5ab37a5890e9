import type * as vscode from 'vscode';
import type { EnqueuePlan } from '../../app/batch/plan-enqueue.ts';
import type { BatchMeta } from '../../core/batch/batch.ts';
import type { JobOptions } from '../../core/ittybit/job-options.ts';
import type { S3Prefix } from '../../core/files/s3-location.ts';

/** The optional conditions that "Enqueue Prefix…" asks about one by one. */
export type Condition = 'glob' | 'size' | 'changed-since' | 'not-yet-done' | 'segments';

/** A job document for the user to edit: a new one made from a job, or an open one that cannot be used as it is. */
export type EditFirst =
  | { readonly job: JobOptions }
  | { readonly uri: vscode.Uri; readonly name: string; readonly problem: string };

/** What the user has answered so far. After Back, a question starts with its earlier answer. */
export interface EnqueueForm {
  readonly place?: S3Prefix | undefined;
  /** the batch whose answers the form began with */
  readonly like?: Pick<BatchMeta, 'batch' | 'job'> | undefined;
  /** set when the user has to edit a job document first: no more questions are asked */
  readonly edit?: EditFirst | undefined;
  /** the chosen job, with its output once the user has answered that question */
  readonly job?: JobOptions | undefined;
  /** label of the item that the user chose */
  readonly jobLabel?: string | undefined;
  readonly extensions?: readonly string[] | undefined;
  readonly conditions: readonly Condition[];
  /** answers about the conditions as they were typed; empty without an answer */
  readonly glob: string;
  readonly smallest: string;
  readonly largest: string;
  readonly changedSince: string;
  /** what the dry run found, once the user has agreed to it */
  readonly plan?: EnqueuePlan | undefined;
  /** true: Step Functions enqueues, and not this window */
  readonly inCloud?: boolean | undefined;
  /** true: the user has agreed to pay again for files that are done */
  readonly again?: boolean | undefined;
}

/** A form that can be planned and sent. */
export type CompleteForm = EnqueueForm & {
  readonly place: S3Prefix;
  readonly job: JobOptions;
  readonly extensions: readonly string[];
};

/** A form without answers. */
export const EMPTY_FORM: EnqueueForm = {
  conditions: [],
  glob: '',
  smallest: '',
  largest: '',
  changedSince: '',
};

/** @returns true when every required question has an answer */
export function isComplete(form: EnqueueForm): form is CompleteForm {
  return form.place !== undefined && form.job !== undefined && form.extensions !== undefined;
}
