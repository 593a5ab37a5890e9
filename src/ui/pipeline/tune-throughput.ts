import type * as vscode from 'vscode';
import { setMost, tuneThroughput } from '../../app/stack/dispatch.ts';
import { TUNING_PRESETS, type Concurrency } from '../../app/stack/tuning-presets.ts';
import {
  isParameterValue,
  PARAMETER_RULES,
  TUNING_LIMITS,
  type Tuning,
} from '../../core/stack/stack-contract.ts';
import { formatCount } from '../base/format.ts';
import { plainText } from '../base/register-command.ts';
import { connectionLine, type Session } from '../connection/session.ts';
import type { ScopeContext } from '../watch/scope-context.ts';
import { withViewProgress } from '../base/view-progress.ts';
import { withSessionToWrite } from '../connection/with-session.ts';
import { mostItems, mostWords, outlook, readPresent, starvingWords, type Present } from './tuning-outlook.ts';
import { atOnce, tuningWords } from './tuning-words.ts';
import { BACK, inputText, pickOne, runWizard, type Step } from '../base/wizard.ts';

const [, HIGHEST_MOST = 0] = PARAMETER_RULES.MaxRequestsPerSecond.range ?? [];

interface Choice {
  readonly custom: boolean;
  readonly tuning: Tuning;
  /** calls/s at most, 0: as many as Ittybit takes; undefined for a stack that knows no such limit */
  readonly most: number | undefined;
  /** that limit is to be asked for */
  readonly asksMost: boolean;
}

/**
 * "Tune Throughput…": how many files Ittybit gets at once, from the guide's table or by hand, and how many a second. Each
 * choice says about how long the present backlog takes with it, and which of the two decides that. The choice takes effect
 * at once, and the next stack update keeps it.
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
    const { tuning, most } = await ask(vs, session, present);
    const change = differences(present.tuning, tuning);
    const isOther = most !== undefined && most !== present.most;
    if (Object.keys(change).length === 0 && !isOther) {
      await vs.window.showInformationMessage(t('The throughput stays as it is.'));
      return;
    }
    await withViewProgress(vs, 'mediaBatch.pipeline', t('Tuning throughput, up to a minute…'), async () => {
      if (isOther) await setMost(present.pipeline, { most, parameter: present.parameter }, dispatch);
      if (Object.keys(change).length > 0) await tuneThroughput(present.pipeline, change, dispatch);
    });
    log.info(`${session.stackName}: tuned to ${JSON.stringify({ ...tuning, most })}`);
    void ui.scopes.present.refresh();
    const outcome = t(
      'Ittybit gets up to {0} now: {1}. The next stack update keeps this.',
      [atOnce(vs, tuning), ...(isOther ? [mostWords(vs, most)] : [])].join(', '),
      tuningWords(vs, tuning),
    );
    await vs.window.showInformationMessage(plainText(outcome));
  });
}

function differences(before: Tuning, after: Tuning): Partial<Tuning> {
  const names = Object.keys(TUNING_LIMITS) as (keyof Tuning)[];
  return Object.fromEntries(
    names.filter((name) => before[name] !== after[name]).map((name) => [name, after[name]]),
  );
}

function ask(vs: typeof vscode, session: Session, present: Present): Promise<Choice> {
  const { t } = vs.l10n;
  const { most } = present;
  const initial: Choice = { custom: false, tuning: pick(present.tuning), most, asksMost: false };
  return runWizard(t('Tune Throughput'), initial, [
    askWhat(vs, session, present),
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
    askMost(vs),
  ]);
}

function pick({ batchSize, maximumConcurrency, maximumBatchingWindow }: Tuning): Tuning {
  return { batchSize, maximumConcurrency, maximumBatchingWindow };
}

/** Both knobs in one list: the steps at once, then the calls per second. */
function askWhat(vs: typeof vscode, session: Session, present: Present): Step<Choice> {
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
      detail: [...starvingWords(vs, present, tuning), outlook(vs, present, tuning)].join(' '),
      choice: { tuning, custom: false, asksMost: false },
    };
  });
  const custom = {
    label: t('Custom…'),
    description: t('concurrency, batch size and batching window by hand'),
    choice: { custom: true, asksMost: false },
  };
  const items = [...presets, custom, ...mostItems(vs, present)];
  return async (state, frame) => {
    const active = state.custom
      ? custom
      : (presets.find(({ choice: { tuning } }) => isCurrent(tuning)) ?? presets[0]);
    const placeHolder = t('How many files at Ittybit at once, or a second? {0}', connectionLine(vs, session));
    const item = await pickOne<vscode.QuickPickItem & { readonly choice?: Partial<Choice> }>(vs, frame, {
      ...{ placeHolder, items, active },
    });
    return item === BACK ? BACK : { ...state, ...item.choice };
  };
}

function askMost(vs: typeof vscode): Step<Choice> {
  const { t } = vs.l10n;
  const range = t('{0} to {1}', 1, formatCount(vs, HIGHEST_MOST));
  return (state, frame) => {
    if (!state.asksMost) return undefined;
    return inputText(vs, frame, {
      prompt: t('Calls per second at most ({0}). A refusal by Ittybit lowers the rate all the same.', range),
      value: state.most ? String(state.most) : '',
      validate: (text) =>
        text !== '0' && isParameterValue('MaxRequestsPerSecond', text)
          ? undefined
          : t('Type a whole number, {0}.', range),
    }).then((text) => (text === BACK ? BACK : { ...state, most: Number(text) }));
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
