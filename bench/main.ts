import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname } from 'node:path';
import { burst, latency, requests, settledLabs, statusReads, type Scale } from './cases.js';
import { table, type Figure } from './figures.js';
import { Floor } from './floor.js';
import { BenchLabs } from './labs.js';
import { BenchPlatform, benchUser } from './platform.js';

const USAGE = 'Usage: npm run bench -- [--quick] [--json FILE]';
const FULL: Scale = { pairs: 30, burst: 200, settled: 1_000, reads: 4_000 };
const QUICK: Scale = { pairs: 5, burst: 20, settled: 50, reads: 500 };

function options(args: readonly string[]): { quick: boolean; json: string } {
  let json = '.cache/bench.json';
  let quick = false;
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index];
    if (arg === '--quick') quick = true;
    else if (arg === '--json' && args[index + 1] !== undefined) json = args[(index += 1)] ?? json;
    else {
      console.error(`Unknown option ${arg ?? ''}. ${USAGE}`);
      process.exit(1);
    }
  }
  return { quick, json };
}

async function run(scale: Scale): Promise<Figure[]> {
  const platform = await BenchPlatform.start(100 + Math.max(scale.settled, scale.burst));
  const labs = new BenchLabs(platform.url);
  const figures: Figure[] = [];
  const add = (what: string, more: readonly Figure[]): void => {
    console.log(`\n${what}\n${table(more)}`);
    figures.push(...more);
  };
  try {
    const model = benchUser(0);
    await labs.spawn(model);
    const floor = await Floor.after(platform.addresses.apiUrl, model);
    add('Requests', await requests(platform, labs));
    add('One spawn', await latency(labs, floor, scale.pairs));
    add('Burst', await burst(platform, floor, scale.burst));
    add('Status reads', await statusReads(platform, labs, scale));
    await floor.close();
  } finally {
    await labs.close();
    await platform.close();
  }
  add('Settled labs', await settledCase(scale));
  return figures;
}

/** On a platform of its own, so that "empty" is empty. */
async function settledCase(scale: Scale): Promise<Figure[]> {
  const platform = await BenchPlatform.start(100 + scale.settled);
  const labs = new BenchLabs(platform.url);
  try {
    return await settledLabs(platform, labs, scale.settled);
  } finally {
    await labs.close();
    await platform.close();
  }
}

const { quick, json } = options(process.argv.slice(2));
const machine = `${String(cpus().length)} x ${cpus()[0]?.model ?? 'CPU'}, Node ${process.version}`;
console.log(machine);
const figures = await run(quick ? QUICK : FULL);
mkdirSync(dirname(json), { recursive: true });
writeFileSync(json, JSON.stringify({ machine, quick, figures }, null, 2));
console.log(`\nWritten to ${json}`);
