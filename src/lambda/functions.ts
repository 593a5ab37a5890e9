import { createConsumer } from './consumer.ts';
import { handlerName } from './env.ts';
import { createReconciler } from './reconciler.ts';
import { createWebhook } from './webhook.ts';

/** The template holds the code of all functions once; each function makes its own handler only. */
const made: {
  consumer?: ReturnType<typeof createConsumer>;
  webhook?: ReturnType<typeof createWebhook>;
  reconciler?: ReturnType<typeof createReconciler>;
} = {};

/** Handlers of the three functions, as the template names them: `index.consumer` and so on. */
export const consumer: ReturnType<typeof createConsumer> = (event, context) =>
  (made.consumer ??= createConsumer())(event, context);
export const webhook: ReturnType<typeof createWebhook> = (event) => (made.webhook ??= createWebhook())(event);
export const reconciler: ReturnType<typeof createReconciler> = (event, context) =>
  (made.reconciler ??= createReconciler())(event, context);

// While the container starts, Lambda lends it a whole processor: so the handler is made then.
const name = handlerName();
if (name === 'consumer') made.consumer = createConsumer();
if (name === 'webhook') made.webhook = createWebhook();
if (name === 'reconciler') made.reconciler = createReconciler();
