import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DemoProblem } from './berth.js';
import { BerthClient } from './client.js';
import { parseOptions } from './options.js';
import { startPlatform, type Platform } from './platform.js';
import { Screen } from './screen.js';
import { HUB, RACHEL } from './settings.js';
import { leftovers, showNext, showStatus } from './tour.js';

// Compiled to `.build/demo/main.js`.
const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if ('problem' in options) throw new DemoProblem(options.problem);
  const screen = new Screen(process.stdout, options.transcript);
  const kind = options.real ? 'a real Kubernetes control plane' : 'a cluster in miniature';
  screen.line(`Starting ${kind}, an image registry and Berth ...`);
  const platform = await startPlatform(root, options);
  const client = new BerthClient(platform.url);
  try {
    const spawned = await spawn(screen, client);
    await showStatus(screen, client);
    if (options.once) return (await cleanUp(screen, platform, client)) && spawned ? 0 : 1;
    await showNext(screen, platform);
    const isAsked = await Promise.race([interrupted().then(() => true), platform.ended.then(() => false)]);
    screen.line();
    screen.line(isAsked ? 'Stopping ...' : 'Berth has ended, and the demo with it.');
    return spawned && isAsked ? 0 : 1;
  } finally {
    await client.close();
    await platform.close();
  }
}

async function spawn(screen: Screen, client: BerthClient): Promise<boolean> {
  screen.line();
  screen.heading(`POST /spawner/v1/labs/${RACHEL.name}/create`);
  const status = await client.create(RACHEL.name, RACHEL.token, 'small');
  screen.line(`  ${String(status)} Created`);
  screen.line();
  screen.heading(`GET /spawner/v1/labs/${RACHEL.name}/events`);
  let last = '';
  for await (const event of client.progress(RACHEL.name, RACHEL.token)) {
    screen.progress(event);
    last = event.event;
  }
  return last === 'complete';
}

async function cleanUp(screen: Screen, platform: Platform, client: BerthClient): Promise<boolean> {
  screen.line();
  screen.heading(`DELETE /spawner/v1/labs/${RACHEL.name}`);
  const status = await client.remove(RACHEL.name, HUB.token);
  screen.line(`  ${String(status)} No Content`);
  const left = await leftovers(platform);
  screen.line(
    left.length === 0
      ? `  Nothing is left of ${RACHEL.name}'s lab in the cluster.`
      : `  Left behind: ${left.join(', ')}`,
  );
  return left.length === 0;
}

function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    onSignal = () => {
      onSignal = leave;
      resolve();
    };
  });
}

// Before there is anything to look at, and again after the first Ctrl-C, a signal ends the demo at once;
// what it had started is ended by the listeners of `exit`.
const leave = (): void => process.exit(130);
let onSignal = leave;
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => onSignal());
// Nobody reads any more what is printed, as behind `head`.
process.stdout.on('error', leave);

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof DemoProblem ? error.message : `The demo failed: ${String(error)}`);
  process.exitCode = 1;
}
