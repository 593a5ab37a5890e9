/** The entry of a worker thread: it makes the calls that it is sent, so that their CPU time is not the editor's. */
import { parentPort, workerData } from 'node:worker_threads';
import { serveThread, type ThreadData } from './services.ts';

if (parentPort) serveThread(parentPort, workerData as ThreadData);
