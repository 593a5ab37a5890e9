import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
const [who = 'ours', keys = '50000', rtt = '30', failed = '0', done = '0', shape = 'flat'] =
  process.argv.slice(2);
const r = fork(join(import.meta.dirname, 'responder.ts'));
const [{ port }] = (await once(r, 'message')) as any;
r.send({ keys: +keys, shape, roundTrip: +rtt, failed: +failed, done: +done });
await once(r, 'message');
const c = fork(join(import.meta.dirname, 'contestant.ts'), {
  execArgv: process.env.CPROF ? ['--cpu-prof'] : [],
});
c.send({ who, endpoint: `http://127.0.0.1:${port}` });
const [run] = await once(c, 'message');
r.send('arrivals');
const [arr] = await once(r, 'message');
console.log(run, arr);
r.disconnect();
