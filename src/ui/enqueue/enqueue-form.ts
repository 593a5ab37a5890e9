import type * as vscode from 'vscode';
import type { EnqueuePlan } from '../../app/batch/plan-enqueue.ts';
import type { BatchMeta, BatchSource } from '../../core/batch/batch.ts';
import type { KnownLength } from '../../core/ittybit/own-rate.ts';
import type { JobOptions } from '../../core/ittybit/job-options.ts';
import type { S3Prefix } from '../../core/files/s3-location.ts';

/** The optional conditions on the files, which are asked about one by one. */
export type Condition = 'glob' | 'size' | 'changed-since' | 'not-yet-done' | 'segments';

/** A job document for the user to edit: a new one made from a job, or an open one that cannot be used as it is. */
export type EditFirst =
  | { readonly job: JobOptions }
  | { readonly uri: vscode.Uri; readonly name: string; readonly problem: string };

/** A file with keys that the user has chosen in place of a prefix. */
export interface KeyListAnswer {
  /** its address in the editor */
  readonly uri: string;
  readonly name: string;
  readonly sha256: string;
  /** how many keys of the bucket it has */
  readonly keys: number;
}

/** What the user has answered so far. After Back, a question starts with its earlier answer. */
export interface EnqueueForm {
  /** of a file with keys: its bucket, and no prefix */
  readonly place?: S3Prefix | undefined;
  readonly keyList?: KeyListAnswer | undefined;
  /** the few keys of a batch that had no other files */
  readonly keys?: readonly string[] | undefined;
  /** the batch whose answers the form began with */
  readonly like?: Pick<BatchMeta, 'batch' | 'job'> | undefined;
  /** set when the user has to edit a job document first: no more questions are asked */
  readonly edit?: EditFirst | undefined;
  /** the chosen job, with its output */
  readonly job?: JobOptions | undefined;
  /** label of the item that the user chose */
  readonly jobLabel?: string | undefined;
  /** absent: those that the job's kind can take */
  readonly extensions?: readonly string[] | undefined;
  readonly conditions: readonly Condition[];
  /** true: the user has said whether files that are done are left out; else the review says so by itself */
  readonly saidDone?: boolean | undefined;
  /** answers about the conditions as they were typed; empty without an answer */
  readonly glob: string;
  readonly smallest: string;
  readonly largest: string;
  readonly changedSince: string;
  /** the batch's own name; empty: its place */
  readonly name: string;
  /** what the last trial has measured */
  readonly measured?: KnownLength | undefined;
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
};

/** A form without answers. */
export const EMPTY_FORM: EnqueueForm = {
  conditions: [],
  glob: '',
  smallest: '',
  largest: '',
  changedSince: '',
  name: '',
};

/** @returns true when every question that has no default is answered */
export function isComplete(form: EnqueueForm): form is CompleteForm {
  return form.place !== undefined && form.job !== undefined;
}

/** @returns where the files come from; undefined: the listing of the prefix */
export function sourceAnswer({
  keyList,
  keys,
}: Pick<EnqueueForm, 'keyList' | 'keys'>): BatchSource | undefined {
  if (keyList) return { file: keyList.name, sha256: keyList.sha256 };
  return keys && { keys };
}
