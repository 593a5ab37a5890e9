import assert from 'node:assert/strict';
import { CloudWatchAlarmService } from '../../../src/aws/alarm-service.ts';
import { scriptedClients } from '../../helpers/scripted-clients.ts';

describe('the alarms as the editor sees them', () => {
  const service = (...pages: object[]) => {
    const { clients, requests } = scriptedClients(() => pages[requests.length - 1] ?? {});
    return { alarms: new CloudWatchAlarmService(clients), requests };
  };

  it('are those of the stack that ring, the most urgent first, from all pages', async () => {
    const since = new Date('2026-11-26T10:00:00Z');
    const { alarms, requests } = service(
      {
        MetricAlarms: [{ AlarmName: 'm-SilentAlarm-A' }, { AlarmName: 'm-2-HeldAlarm-A' }],
        NextToken: 'more',
      },
      { MetricAlarms: [{ AlarmName: 'm-PausedAlarm-A', StateUpdatedTimestamp: since }, {}] },
    );
    assert.deepEqual(await alarms.ringing('m'), [
      { id: 'PausedAlarm', since },
      { id: 'SilentAlarm', since: undefined },
    ]);
    assert.deepEqual(
      requests.map(({ input }) => [input['AlarmNamePrefix'], input['StateValue'], input['NextToken']]),
      [
        ['m-', 'ALARM', undefined],
        ['m-', 'ALARM', 'more'],
      ],
    );
  });

  it('are asked for once in half a minute, and anew for another stack', async () => {
    const { alarms, requests } = service();
    await Promise.all([alarms.ringing('m')]);
    await alarms.ringing('m');
    assert.equal(requests.length, 1);
    await alarms.ringing('n');
    assert.equal(requests.length, 2);
  });
});
