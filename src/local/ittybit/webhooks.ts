import type { WebhookFaultEffect } from './fault.ts';
import type { Faults } from './faults.ts';
import type { JobBookWriter, WebhookDelivery } from './job-book.ts';
import type { Job } from './job.ts';
import type { OutstandingWork } from './outstanding-work.ts';
import { payloadShapes, type PayloadShape, type WebhookEvent } from './payload-shapes.ts';
import { composeDelivery, composeForgery, type Report } from './webhook-delivery.ts';
import { WebhookSender, type SenderSettings } from './webhook-sender.ts';

/** Which webhooks are sent, and how. */
export interface WebhookSettings extends SenderSettings {
  /** One shape for all jobs; or the five in turn, a job each; or one drawn for each job. */
  readonly shape: PayloadShape | 'rotate' | 'drawn';
  /** True: a job that starts processing sends a webhook, too. */
  readonly onProcessing: boolean;
  /** True: each task that starts or ends sends a webhook, too: before those of the job's end. */
  readonly taskEvents: boolean;
}

interface Collaborators {
  readonly book: JobBookWriter;
  readonly faults: Faults;
  readonly work: OutstandingWork;
  /** The time in Unix ms. */
  readonly now: () => number;
}

/** What becomes of one job's webhooks. */
interface Plan {
  readonly job: Job;
  readonly url: string;
  readonly shape: PayloadShape;
  readonly effects: readonly WebhookFaultEffect[];
  /** Webhooks that have to come after the final one. */
  readonly held: WebhookDelivery[];
  /** Resolves when what was sent so far has ended. */
  sent: Promise<void>;
}

/** Sends each job's webhooks, one after the other, and records how they ended. */
export class Webhooks {
  readonly #settings: WebhookSettings;
  readonly #with: Collaborators;
  readonly #sender: WebhookSender;
  readonly #plans = new Map<string, Plan>();

  constructor(settings: WebhookSettings, collaborators: Collaborators) {
    this.#settings = settings;
    this.#with = collaborators;
    this.#sender = new WebhookSender(settings, collaborators);
  }

  /** Decides which faults apply to the job's webhooks, and sends those of its start when the settings say so. */
  jobStarted(job: Job): void {
    const url = job.request.webhookUrl;
    if (url === undefined) return;
    const { faults, now } = this.#with;
    const effects = faults.forWebhooks(job.subject);
    const plan: Plan = { job, url, shape: this.#shapeFor(job), effects, held: [], sent: Promise.resolve() };
    this.#plans.set(job.id, plan);
    if (has(plan, 'webhook_forged')) {
      this.#send(plan, [composeForgery(plan, now())], false);
    }
    const { onProcessing, taskEvents } = this.#settings;
    const isOutOfOrder = has(plan, 'webhook_out_of_order');
    const reports: WebhookDelivery[] = [];
    if (taskEvents) {
      reports.push(this.#compose(plan, 'probe', 'succeeded'), this.#compose(plan, 'import', 'succeeded'));
      reports.push(this.#compose(plan, 'encode', 'processing'));
    }
    if (onProcessing || isOutOfOrder) reports.push(this.#compose(plan, 'job', 'processing'));
    if (isOutOfOrder) plan.held.push(...reports);
    else this.#send(plan, reports, isLost(effects, false));
  }

  /** Sends the webhook that the job has succeeded or failed, and those about the tasks that ended with it. */
  jobEnded(job: Job): void {
    const plan = this.#plans.get(job.id);
    if (plan === undefined) return;
    const { status } = job;
    const tasks: WebhookDelivery[] = [];
    const final: WebhookDelivery[] = [];
    if (status === 'succeeded' || status === 'failed') {
      final.push(this.#compose(plan, 'job', status));
      if (this.#settings.taskEvents) {
        tasks.push(this.#compose(plan, 'encode', status));
        const isExported = status === 'succeeded' && job.request.output !== undefined;
        if (isExported) tasks.push(this.#compose(plan, 'export', status));
      }
    }
    const isOutOfOrder = has(plan, 'webhook_out_of_order');
    const inOrder = isOutOfOrder ? [...final, ...plan.held, ...tasks] : [...tasks, ...final];
    this.#send(plan, inOrder, isLost(plan.effects, true));
    if (!job.isOutputPending) this.#plans.delete(job.id);
  }

  /** Tells once more that the job has succeeded, now that its output is known. */
  outputKnown(job: Job): void {
    const plan = this.#plans.get(job.id);
    if (plan === undefined) return;
    this.#plans.delete(job.id);
    this.#send(plan, [this.#compose(plan, 'job', 'succeeded')], isLost(plan.effects, true));
  }

  /** Stops the webhooks that are being sent. */
  close(): void {
    this.#sender.close();
  }

  #shapeFor({ number, request }: Job): PayloadShape {
    const { shape } = this.#settings;
    if (shape !== 'rotate' && shape !== 'drawn') return shape;
    const drawn = () =>
      Math.floor(this.#with.faults.between(0, payloadShapes.length, `shape ${request.input}`));
    return payloadShapes[shape === 'drawn' ? drawn() : (number - 1) % payloadShapes.length] ?? 'flat';
  }

  #compose({ job, url, shape, effects }: Plan, about: Report['about'], event: WebhookEvent): WebhookDelivery {
    return composeDelivery({ job, about, event, url, shape }, effects, this.#with.now());
  }

  /** Sends webhooks after those that the plan has sent before. */
  #send(plan: Plan, deliveries: readonly WebhookDelivery[], lost: boolean): void {
    const end = this.#with.work.begin();
    plan.sent = plan.sent.then(() => this.#sendInTurn(plan, deliveries, lost)).then(end);
  }

  /** It never rejects; after `close` it may never resolve. */
  async #sendInTurn(plan: Plan, deliveries: readonly WebhookDelivery[], lost: boolean): Promise<void> {
    for (const delivery of deliveries) {
      const isDoubled = has(plan, 'webhook_duplicated') && !delivery.forged && !lost;
      for (const duplicate of isDoubled ? [false, true] : [false]) {
        const record: WebhookDelivery = { ...delivery, duplicate, attempts: [] };
        if (lost) record.outcome = 'lost';
        this.#with.book.webhooks.push(record);
        if (lost) continue;
        if (!record.forged) await this.#delay(plan);
        await this.#sender.deliver(record);
      }
    }
  }

  async #delay({ job, effects }: Plan): Promise<void> {
    for (const effect of effects) {
      if (effect.type !== 'webhook_delayed') continue;
      const { ms, maxMs = ms } = effect;
      await this.#sender.pause(this.#with.faults.between(ms, maxMs, `delay ${job.request.input}`));
    }
  }
}

function has({ effects }: Plan, type: WebhookFaultEffect['type']): boolean {
  return effects.some((effect) => effect.type === type);
}

function isLost(effects: readonly WebhookFaultEffect[], atEnd: boolean): boolean {
  return effects.some((effect) => effect.type === 'webhook_lost' && (atEnd || effect.finalOnly !== true));
}
