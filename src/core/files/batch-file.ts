import type { S3Location } from './s3-location.ts';

/** A file in a batch: what a queue message, a result and a webhook address are about. */
export interface BatchFile extends S3Location {
  readonly batch: string;
}
