import { CloudWatchClient, DescribeAlarmsCommand, type MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { alarmOf, ALARMS, type AlarmService, type RingingAlarm } from '../core/stack/alarms.ts';
import { abortable, type AwsClients, type ServiceCaller } from './connection.ts';

/** CloudWatch looks at an alarm each minute (CloudWatch User Guide, "Evaluating an alarm"), and each request is paid. */
const FRESH_MS = 30_000;

/** The alarms of a stack, through CloudWatch. */
export class CloudWatchAlarmService implements AlarmService {
  readonly #cloudWatch: ServiceCaller<CloudWatchClient>;
  #last:
    { readonly stackName: string; readonly at: number; readonly alarms: readonly RingingAlarm[] } | undefined;

  constructor(clients: AwsClients) {
    this.#cloudWatch = clients.service('cloudwatch', (config) => new CloudWatchClient(config));
  }

  async ringing(stackName: string, signal?: AbortSignal): Promise<readonly RingingAlarm[]> {
    const last = this.#last;
    if (last?.stackName === stackName && Date.now() - last.at < FRESH_MS) return last.alarms;
    const at = Date.now();
    const found: RingingAlarm[] = [];
    let token: string | undefined;
    do {
      const command = new DescribeAlarmsCommand({
        AlarmNamePrefix: `${stackName}-`,
        StateValue: 'ALARM',
        NextToken: token,
      });
      const page = await this.#cloudWatch.call('DescribeAlarms', (client) =>
        client.send(command, abortable(signal)),
      );
      found.push(...(page.MetricAlarms ?? []).flatMap((alarm) => toRinging(alarm, stackName)));
      token = page.NextToken;
    } while (token);
    const alarms = found.toSorted((a, b) => ALARMS.indexOf(a.id) - ALARMS.indexOf(b.id));
    this.#last = { stackName, at, alarms };
    return alarms;
  }
}

function toRinging(
  { AlarmName = '', StateUpdatedTimestamp }: MetricAlarm,
  stackName: string,
): RingingAlarm[] {
  const id = alarmOf(AlarmName, stackName);
  return id ? [{ id, since: StateUpdatedTimestamp }] : [];
}
