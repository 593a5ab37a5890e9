import { driver } from './driver.ts';
import { notification, start, step } from './editor.ts';

/** Answers "Enqueue Prefix…" up to its review. @param address what is typed */
export async function answerUpToReview(address: string): Promise<void> {
  await answerPlace(address);
  await driver.accept();
  await step(/Nothing has been sent yet|nothing to enqueue/);
}

/** Chooses the place on the first screen, which comes again. @param address what is typed */
export async function answerPlace(address: string): Promise<void> {
  await step(/What to enqueue/);
  await driver.pick(/Choose a bucket or prefix|^\s*s3:\/\//);
  await step(/Which bucket or prefix|All files under/);
  await driver.type(address);
  await driver.pick(`Everything that starts with ${address}`);
  await step(/What to enqueue/);
}

/** Enqueues all media files under an address, from the question to the message that says how many, which stays. */
export async function enqueueAll(address: string): Promise<string> {
  start('mediaBatch.enqueuePrefix');
  await answerUpToReview(address);
  await driver.pick(/^\s*Enqueue [\d,]+ files?/);
  return notification(/^[\d,]+ files? (is|are) in the queue/);
}
