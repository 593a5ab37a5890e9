import type * as vscode from 'vscode';
import { isAmount, isText, fieldsOf, type Fields } from '../../core/foreign-json.ts';
import { MediaBatchError } from '../../core/errors.ts';
import { parseJobOptions, type JobOptions } from '../../core/ittybit/job-options.ts';
import { parseOwnRate, type OwnRate } from '../../core/ittybit/own-rate.ts';
import { checkBucket, type S3Prefix } from '../../core/files/s3-location.ts';
import { parseExtensions } from '../../core/files/media-files.ts';
import type { Session } from '../connection/session.ts';
import { EMPTY_FORM, type Condition, type EnqueueForm, type KeyListAnswer } from './enqueue-form.ts';

/** The answers of the last enqueue, to offer them again. */
export interface LastAnswers {
  readonly batch: string;
  readonly place: S3Prefix | undefined;
  readonly job: JobOptions;
}

/** Answers that were left with Escape. */
export interface Draft {
  readonly form: EnqueueForm;
  /** when it was left, epoch ms */
  readonly at: number;
}

const LAST = 'mediaBatch.enqueue.last';
const DRAFT = 'mediaBatch.enqueue.draft';
const RATE = 'mediaBatch.enqueue.rate';
const CONDITIONS: readonly Condition[] = ['glob', 'size', 'changed-since', 'not-yet-done', 'segments'];

/** What is remembered of the enqueues of one stack: places, jobs and filters; no secret is among them. */
export class EnqueueMemory {
  readonly #workspace: vscode.Memento;
  readonly #global: vscode.Memento;
  readonly #stack: string;

  constructor(
    memory: { readonly workspace: vscode.Memento; readonly global: vscode.Memento },
    {
      account,
      region,
      endpoint = '',
      stackName,
    }: Pick<Session, 'account' | 'region' | 'endpoint' | 'stackName'>,
  ) {
    this.#workspace = memory.workspace;
    this.#global = memory.global;
    this.#stack = JSON.stringify([account, region, endpoint, stackName]);
  }

  /** @returns undefined also where an earlier version has stored what is not valid any more */
  get last(): LastAnswers | undefined {
    const { batch, place, job } = fieldsOf(this.#read(LAST)) ?? {};
    const known = readJob(job);
    if (!isText(batch) || !known) return undefined;
    return { batch, place: readPlace(place), job: known };
  }

  async rememberLast(last: LastAnswers): Promise<void> {
    await this.#write(LAST, last);
  }

  get draft(): Draft | undefined {
    const { form, at } = fieldsOf(this.#read(DRAFT)) ?? {};
    const fields = fieldsOf(form);
    return fields && isAmount(at) ? { form: readForm(fields), at } : undefined;
  }

  /** @param draft undefined: there is none any more */
  async keepDraft(draft: Draft | undefined): Promise<void> {
    if (!draft) {
      await this.#write(DRAFT, undefined);
      return;
    }
    const { place, keyList, keys, job, jobLabel, extensions, conditions, saidDone, measured } = draft.form;
    const { glob, smallest, largest, changedSince, name } = draft.form;
    const form = {
      ...{ place, keyList, keys, job, jobLabel, extensions, conditions, saidDone, measured },
      ...{ glob, smallest, largest, changedSince, name },
    };
    await this.#write(DRAFT, { form, at: draft.at });
  }

  /** what the user pays Ittybit, for all their stacks; undefined until they say it */
  get rate(): OwnRate | undefined {
    const stored = this.#global.get(RATE);
    try {
      return isText(stored) ? parseOwnRate(stored) : undefined;
    } catch (error) {
      if (error instanceof MediaBatchError) return undefined;
      throw error;
    }
  }

  /** @param text as `parseOwnRate` reads it; empty: none any more */
  async rememberRate(text: string): Promise<void> {
    await this.#global.update(RATE, text === '' ? undefined : text);
  }

  get rateText(): string {
    const stored = this.#global.get(RATE);
    return this.rate && isText(stored) ? stored : '';
  }

  #read(key: string): unknown {
    return fieldsOf(this.#workspace.get(key))?.[this.#stack];
  }

  async #write(key: string, value: unknown): Promise<void> {
    const { [this.#stack]: _, ...others } = fieldsOf(this.#workspace.get(key)) ?? {};
    await this.#workspace.update(key, value === undefined ? others : { ...others, [this.#stack]: value });
  }
}

/** What cannot be read of a draft is asked again. */
function readForm(fields: Fields): EnqueueForm {
  const { conditions, extensions, measured, keyList, keys, jobLabel } = fields;
  const text = (name: string): string => (isText(fields[name]) ? fields[name] : '');
  const { files, ms } = fieldsOf(measured) ?? {};
  return {
    ...EMPTY_FORM,
    place: readPlace(fields['place']),
    keyList: readKeyList(keyList),
    keys: Array.isArray(keys) && keys.every(isText) ? keys : undefined,
    job: readJob(fields['job']),
    jobLabel: isText(jobLabel) ? jobLabel : undefined,
    extensions: readExtensions(extensions),
    conditions: CONDITIONS.filter((name) => Array.isArray(conditions) && conditions.includes(name)),
    saidDone: fields['saidDone'] === true,
    measured: isAmount(files) && isAmount(ms) ? { files, ms } : undefined,
    ...{ glob: text('glob'), smallest: text('smallest'), largest: text('largest') },
    ...{ changedSince: text('changedSince'), name: text('name') },
  };
}

function readPlace(value: unknown): S3Prefix | undefined {
  const { bucket, prefix } = fieldsOf(value) ?? {};
  if (!isText(bucket) || !isText(prefix)) return undefined;
  return valid(() => ({ bucket: checkBucket(bucket), prefix }));
}

function readKeyList(value: unknown): KeyListAnswer | undefined {
  const { uri, name, sha256, keys } = fieldsOf(value) ?? {};
  if (!isText(uri) || !isText(name) || !isText(sha256) || !isAmount(keys)) return undefined;
  return { uri, name, sha256, keys };
}

function readJob(value: unknown): JobOptions | undefined {
  return value === undefined ? undefined : valid(() => parseJobOptions(value));
}

function readExtensions(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) ? valid(() => parseExtensions(value.filter(isText))) : undefined;
}

function valid<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof MediaBatchError) return undefined;
    throw error;
  }
}
