/** What the reconciler tells CloudWatch each minute; the template's alarms read it (templates/pipeline.yaml). */
export interface Gauges {
  /** 1 while nothing is submitted because dispatch is paused, or its mapping is off; a wait that ends by itself is 0 */
  readonly Paused?: number | undefined;
  /** batches that are held; undefined where the run did not get so far, which an alarm of its own notices */
  readonly Held?: number | undefined;
  /** files that were looked at and whose job has not ended for very long */
  readonly Silent?: number | undefined;
  /** how many more letters the dead-letter queue holds than a run ago */
  readonly NewDeadLetters?: number | undefined;
}

/**
 * @param stackId a stack's ARN, `arn:…:stack/<name>/<id>`
 * @returns the namespace of its gauges, `MediaBatch/<name>`
 */
export function gaugeNamespace(stackId: string): string {
  return `MediaBatch/${stackId.split('/')[1] ?? stackId}`;
}
