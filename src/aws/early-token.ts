import { Readable } from 'node:stream';
import type { ListObjectsV2Command } from '@aws-sdk/client-s3';

/** S3 writes it before the keys. A token with an entity in it is left to the parser. */
const TOKEN = /<NextContinuationToken>([^<&]+)<\/NextContinuationToken>/;
/** So much of an answer is looked at, bytes. */
const HEAD = 4_096;

/** The body of an answer, as the SDK's handlers give it to the parser. */
interface Answer {
  readonly response: { readonly statusCode?: number; body?: unknown };
}

/**
 * Makes a listing say where the next page begins as soon as the first bytes of its answer have come: to read all of it and
 * to parse it takes about as long as a round trip.
 * @param onToken called at most once; never for an answer that is not written as S3 writes it
 */
export function tellToken(command: ListObjectsV2Command, onToken: (token: string) => void): void {
  command.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const { response } = result as unknown as Answer;
      if (response.statusCode === 200 && response.body instanceof Readable) {
        response.body = Readable.from(watched(response.body, onToken));
      }
      return result;
    },
    { step: 'deserialize', priority: 'low', name: 'tellToken' },
  );
}

async function* watched(body: Readable, onToken: (token: string) => void): AsyncGenerator<Uint8Array> {
  let head = '';
  for await (const chunk of body as AsyncIterable<Buffer>) {
    if (head.length < HEAD) {
      head += chunk.toString('latin1', 0, HEAD);
      const [, token] = TOKEN.exec(head) ?? [];
      if (token !== undefined) {
        head = ' '.repeat(HEAD);
        onToken(token);
      }
    }
    yield chunk;
  }
}
