import { PutMetricDataCommand, type CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { gaugeNamespace, type Gauges } from '../core/stack/gauges.ts';

/**
 * Writes the gauges of this minute. One that is undefined is left out. A failure is the SDK's own error.
 * @param stackId the stack's ARN
 */
export async function putGauges(
  cloudWatch: CloudWatchClient,
  stackId: string,
  gauges: Gauges,
): Promise<void> {
  const MetricData = Object.entries(gauges)
    .filter(([, Value]) => Value !== undefined)
    .map(([MetricName, Value]: [string, number]) => ({ MetricName, Value, Unit: 'Count' as const }));
  if (MetricData.length === 0) return;
  await cloudWatch.send(new PutMetricDataCommand({ Namespace: gaugeNamespace(stackId), MetricData }));
}
