import { randomBytes } from 'node:crypto';
import type { FaultSubject } from './fault.ts';
import type { Faults } from './faults.ts';
import type { Job, JobStatus } from './job.ts';
import type { JobBookWriter } from './job-book.ts';
import type { OutstandingWork } from './outstanding-work.ts';
import type { JobRequest } from './request-validation.ts';
import type { Webhooks } from './webhooks.ts';

/** How long a job stays in each state, in ms. */
export interface JobDurations {
  readonly queuedMs: number;
  readonly processingMs: number;
}

interface Collaborators {
  readonly book: JobBookWriter;
  readonly faults: Faults;
  readonly webhooks: Webhooks;
  readonly work: OutstandingWork;
  /** The time in Unix ms. */
  readonly now: () => number;
}

/** The jobs: each is queued, then processing, then ends. */
export class Jobs {
  readonly #byId = new Map<string, Job>();
  readonly #durations: JobDurations;
  readonly #with: Collaborators;

  constructor(durations: JobDurations, collaborators: Collaborators) {
    this.#durations = durations;
    this.#with = collaborators;
  }

  /** The job with this id; undefined when there is none. */
  find(id: string): Job | undefined {
    return this.#byId.get(id);
  }

  /** Accepts a job. It is queued now, and then runs by itself. */
  create(request: JobRequest, subject: FaultSubject): Job {
    const { book, work, now } = this.#with;
    const createdAt = now();
    const job: Job = {
      id: `job_${randomBytes(13).toString('hex')}`,
      number: book.jobs.length + 1,
      request,
      subject,
      createdAt,
      status: 'queued',
      error: null,
      taskError: null,
      outputTail: '',
      isOutputPending: false,
      startedAt: null,
      finishedAt: null,
      updatedAt: createdAt,
    };
    this.#byId.set(job.id, job);
    book.jobs.push(job);
    work.after(this.#durations.queuedMs, () => {
      this.#start(job);
    });
    return job;
  }

  #start(job: Job): void {
    job.startedAt = this.#move(job, 'processing');
    this.#with.webhooks.jobStarted(job);
    this.#with.work.after(this.#durations.processingMs, () => {
      this.#end(job);
    });
  }

  #end(job: Job): void {
    const effect = this.#with.faults.forJob(job.subject);
    switch (effect?.type) {
      case 'job_hangs':
        return;
      case 'job_fails':
        job.taskError = effect.error ?? {
          kind: 'input_unreadable',
          message: 'The input could not be decoded.',
        };
        job.error = effect.onlyInTask === true ? null : job.taskError;
        job.finishedAt = this.#move(job, 'failed');
        break;
      case 'job_cancelled':
        job.finishedAt = this.#move(job, 'cancelled');
        break;
      case 'output_long':
        job.outputTail = `?long=${'x'.repeat(effect.characters)}`;
        job.finishedAt = this.#move(job, 'succeeded');
        break;
      case 'output_late':
        job.isOutputPending = true;
        job.finishedAt = this.#move(job, 'succeeded');
        this.#with.work.after(effect.ms, () => {
          job.isOutputPending = false;
          this.#move(job, 'succeeded');
          this.#with.webhooks.outputKnown(job);
        });
        break;
      case undefined:
        job.finishedAt = this.#move(job, 'succeeded');
    }
    this.#with.webhooks.jobEnded(job);
  }

  #move(job: Job, status: JobStatus): number {
    job.status = status;
    job.updatedAt = this.#with.now();
    return job.updatedAt;
  }
}
