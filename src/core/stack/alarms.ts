/** The alarms of the stack by their logical ids, the most urgent first; a test compares them with the template. */
export const ALARMS = [
  'PausedAlarm',
  'HeldAlarm',
  'ReconcilerAlarm',
  'OldestMessageAlarm',
  'DeadLetterAlarm',
  'SilentAlarm',
  'WebhookErrorsAlarm',
  'WebhookRefusalsAlarm',
  'WebhookThrottlesAlarm',
  'ConsumerErrorsAlarm',
  'ConsumerThrottlesAlarm',
] as const;
export type AlarmId = (typeof ALARMS)[number];

/** An alarm that rings. */
export interface RingingAlarm {
  readonly id: AlarmId;
  /** undefined where AWS does not say */
  readonly since: Date | undefined;
}

/** The alarms of a stack in CloudWatch. */
export interface AlarmService {
  /** @returns those that ring now, the most urgent first; the answer may be half a minute old */
  ringing(stackName: string, signal?: AbortSignal): Promise<readonly RingingAlarm[]>;
}

/**
 * @param name as CloudFormation makes it: `<stack>-<logical id>-<random letters>` (CloudFormation User Guide, "Name
 * type")
 * @returns undefined for an alarm that is not this stack's, whose name may begin in the same way
 */
export function alarmOf(name: string, stackName: string): AlarmId | undefined {
  if (!name.startsWith(`${stackName}-`)) return undefined;
  const [id, letters, ...more] = name.slice(stackName.length + 1).split('-');
  return letters !== undefined && more.length === 0 ? ALARMS.find((known) => known === id) : undefined;
}
