import type * as vscode from 'vscode';
import { tuneThroughput } from '../../app/stack/dispatch.ts';
import { findPipeline } from '../../app/stack/pipeline.ts';
import { estimateBacklogSeconds, TUNING_PRESETS, type Concurrency } from '../../app/stack/tuning-presets.ts';
import { inQueue } from '../../core/batch/queue-service.ts';
import { TUNING_LIMITS, type StackOutputs, type Tuning } from '../../core/stack/stack-contract.ts';
import { formatAbout, formatCount } from '../base/format.ts';
import { plainText } from '../base/register-command.ts';
import { connectionLine, type Session } from '../connection/session.ts';
import type { ScopeContext } from '../watch/scope-context.ts';
import { withViewProgress } from '../base/view-progress.ts';
import { withSessionToWrite } from '../connection/with-session.ts';
import { atOnce, tuningWords } from './tuning-words.ts';
import { BACK, inputText, pickOne, runWizard, type Step } from '../base/wizard.ts';

/** What an estimate is based on. */
interface Present {
  readonly pipeline: StackOutputs;
  readonly tuning: Tuning;
  /** files in the work queue */
  readonly backlog: number;
  /** undefined while no file moves, or before the rate is known */
  readonly filesPerSecond: number | undefined;
}

interface Choice {
  readonly custom: boolean;
  readonly tuning: Tuning;
}

/**
 * "Tune Throughput…": how many files Ittybit gets at once, from the guide's table or by hand. Each choice says
 * about how long the present backlog takes with it. The choice takes effect at once, and the next stack update keeps it.
 * @throws DeployError as `findPipeline`, AwsError, AbortError on Escape
 */
export async function tuneThroughputCommand(
  ui: Pick<ScopeContext, 'vs' | 'log' | 'connection' | 'memory' | 'scopes'>,
): Promise<void> {
  const { vs, log } = ui;
  const { t } = vs.l10n;
  await withSessionToWrite(ui, async (session) => {
    const { dispatch } = session.services;
    const present = await readPresent(ui, session);
    const { tuning } = await ask(vs, session, present);
    const change = differences(present.tuning, tuning);
    if (Object.keys(change).length === 0) {
      await vs.window.showInformationMessage(t('The throughput stays as it is.'));
      return;
    }
    await withViewProgress(vs, 'mediaBatch.pipeline', t('Tuning throughput, up to a minute…'), () =>
      tuneThroughput(present.pipeline, change, dispatch),
    );
    log.info(`${session.stackName}: tuned to ${JSON.stringify(tuning)}`);
    void ui.scopes.present.refresh();
    const outcome = t(
      'Ittybit gets up to {0} now: {1}. The next stack update keeps this.',
      atOnce(vs, tuning),
      tuningWords(vs, tuning),
    );
    await vs.window.showInformationMessage(plainText(outcome));
  });
}

async function readPresent({ scopes }: Pick<ScopeContext, 'scopes'>, session: Session): Promise<Present> {
  const { dispatch, queues, stacks } = session.services;
  const { filesPerSecond } = scopes.present.watch.last?.throughput ?? {};
  const pipeline = await findPipeline(session.stackName, stacks);
  const [tuning, depth] = await Promise.all([
    dispatch.mapping(pipeline.eventSourceMapping),
    queues.depth(pipeline.workQueueUrl),
  ]);
  return { pipeline, tuning, backlog: inQueue(depth), filesPerSecond };
}

function differences(before: Tuning, after: Tuning): Partial<Tuning> {
  const names = Object.keys(TUNING_LIMITS) as (keyof Tuning)[];
  return Object.fromEntries(
    names.filter((name) => before[name] !== after[name]).map((name) => [name, after[name]]),
  );
}

function ask(vs: typeof vscode, session: Session, present: Present): Promise<Choice> {
  const { t } = vs.l10n;
  const initial: Choice = { custom: false, tuning: pick(present.tuning) };
  return runWizard(t('Tune Throughput'), initial, [
    askPreset(vs, session, present),
    askNumber(vs, 'maximumConcurrency', () => t('Concurrency: invocations of the consumer at once')),
    askNumber(vs, 'batchSize', ({ maximumConcurrency }) =>
      t('Batch size: files that each of {0} invocations takes', formatCount(vs, maximumConcurrency)),
    ),
    askNumber(vs, 'maximumBatchingWindow', (tuning) =>
      t(
        'Batching window: seconds that SQS may wait to fill an invocation. {0}',
        outlook(vs, present, tuning),
      ),
    ),
  ]);
}

function pick({ batchSize, maximumConcurrency, maximumBatchingWindow }: Tuning): Tuning {
  return { batchSize, maximumConcurrency, maximumBatchingWindow };
}

function askPreset(vs: typeof vscode, session: Session, present: Present): Step<Choice> {
  const { t } = vs.l10n;
  const isCurrent = ({ batchSize, maximumConcurrency }: Concurrency): boolean =>
    batchSize === present.tuning.batchSize && maximumConcurrency === present.tuning.maximumConcurrency;
  const known = TUNING_PRESETS.some(isCurrent) ? TUNING_PRESETS : [present.tuning, ...TUNING_PRESETS];
  const presets = known.map(({ batchSize, maximumConcurrency }) => {
    const tuning = { ...pick(present.tuning), batchSize, maximumConcurrency };
    const size = tuningWords(vs, tuning);
    return {
      label: atOnce(vs, tuning),
      description: isCurrent(tuning) ? t('{0}, as it is now', size) : size,
      detail: outlook(vs, present, tuning),
      choice: { custom: false, tuning },
    };
  });
  const custom = {
    label: t('Custom…'),
    description: t('concurrency, batch size and batching window by hand'),
    choice: undefined,
  };
  const items = [...presets, custom];
  return async (state, frame) => {
    const active = state.custom ? custom : presets.find(({ choice }) => isCurrent(choice.tuning));
    const placeHolder = t('How many files at Ittybit at once? {0}', connectionLine(vs, session));
    const item = await pickOne(vs, frame, { placeHolder, items, active });
    return item === BACK ? BACK : (item.choice ?? { ...state, custom: true });
  };
}

function askNumber(vs: typeof vscode, name: keyof Tuning, prompt: (tuning: Tuning) => string): Step<Choice> {
  const { t } = vs.l10n;
  const [least, most] = TUNING_LIMITS[name];
  const range = t('{0} to {1}', formatCount(vs, least), formatCount(vs, most));
  const isValid = (text: string): boolean =>
    /^\d{1,4}$/.test(text) && Number(text) >= least && Number(text) <= most;
  return (state, frame) => {
    if (!state.custom) return undefined;
    return inputText(vs, frame, {
      prompt: `${prompt(state.tuning)} (${range})`,
      value: String(state.tuning[name]),
      validate: (text) => (isValid(text) ? undefined : t('Type a whole number, {0}.', range)),
    }).then((text) =>
      text === BACK ? BACK : { ...state, tuning: { ...state.tuning, [name]: Number(text) } },
    );
  };
}

/** About how long the backlog takes with a tuning. */
function outlook(
  vs: typeof vscode,
  { tuning: current, backlog, filesPerSecond }: Present,
  tuning: Concurrency,
): string {
  const { t } = vs.l10n;
  if (backlog === 0) return t('Nothing waits in the queue now.');
  const measured = filesPerSecond ? { filesPerSecond, tuning: current } : undefined;
  const duration = formatAbout(vs, estimateBacklogSeconds(backlog, tuning, measured));
  const files = formatCount(vs, backlog);
  return measured
    ? t('{0} for about {1} files in the queue, if Ittybit keeps the pace.', duration, files)
    : t('{0} for about {1} files in the queue, at 1 s a call.', duration, files);
}
