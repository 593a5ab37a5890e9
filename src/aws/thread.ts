/** The entry of a worker thread: it makes the calls that it is sent, so that their CPU time is not the editor's. */
import { constants, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { serveThread, type ThreadData } from './services.ts';

// On Linux this is the thread's own priority, elsewhere the process's (setpriority(2), "C library/kernel differences").
if (parentPort && process.platform === 'linux') setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
if (parentPort) serveThread(parentPort, workerData as ThreadData);
