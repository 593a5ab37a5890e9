import type { SQSClient } from '@aws-sdk/client-sqs';

type Handle = SQSClient['config']['requestHandler']['handle'];

/** By the input of the call that each stops. */
const SIGNALS = new WeakMap<object, AbortSignal>();

/**
 * Lets the signals of `stoppedBy` stop the calls of a client that puts its middleware together once for each operation
 * (SDK, `cacheMiddleware`). For each call that has options, the SDK does it anew, in a tenth of the call's CPU time.
 */
export function stoppable(client: SQSClient): SQSClient {
  client.middlewareStack.add(
    (next) => (args) => {
      const abortSignal = SIGNALS.get(args.input);
      if (!abortSignal) return next(args);
      return client.config.requestHandler.handle(args.request as Parameters<Handle>[0], { abortSignal });
    },
    // The last one before the request leaves, so that it is asked before each attempt.
    { step: 'deserialize', priority: 'low', name: 'stoppable' },
  );
  return client;
}

/** @returns the command, which the signal stops where its client is `stoppable` */
export function stoppedBy<Command extends { readonly input: object }>(
  signal: AbortSignal | undefined,
  command: Command,
): Command {
  if (signal) SIGNALS.set(command.input, signal);
  return command;
}
