import { driver } from './driver.ts';
import { notification, start, step } from './editor.ts';

/** Answers "Enqueue Prefix…" up to its review. @param address what is typed */
export async function answerUpToReview(address: string): Promise<void> {
  await step(/Which bucket or prefix/);
  await driver.pick(/Type an S3 address/);
  await step(/whose address starts with this/);
  await driver.enter(address);
  await step(/What should Ittybit make/);
  await driver.pick('Web video, 1080p MP4');
  await step(/Where the results go/);
  await driver.accept();
  await step(/File extensions to take/);
  await driver.accept();
  await step(/Only some of these files/);
  await driver.accept();
  await step(/Nothing has been sent yet|nothing to enqueue/);
}

/** Enqueues all media files under an address, from the question to the message that says how many, which stays. */
export async function enqueueAll(address: string): Promise<string> {
  start('mediaBatch.enqueuePrefix');
  await answerUpToReview(address);
  await driver.pick(/Enqueue [\d,]+ files?/);
  return notification(/^[\d,]+ files? (is|are) in the queue/);
}
