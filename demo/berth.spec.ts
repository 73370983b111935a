import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePorts } from '../simulator/free-ports.js';
import { BerthChild } from './berth.js';

/** Ready at once, and killed as soon as somebody asks for anything else. */
const MORTAL = `
require('node:http').createServer(({ url }, response) => {
  if (url !== '/health/ready') process.kill(process.pid, 'SIGKILL');
  response.end();
}).listen(Number(process.argv[4]), '127.0.0.1', () => console.log('{"message":"listening"}'));
`;

describe('BerthChild', () => {
  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'berth-child-'));
    await mkdir(join(root, 'dist'));
    await mkdir(join(root, 'simulator'));
    await writeFile(join(root, 'dist', 'main.js'), MORTAL);
    await copyFile('simulator/lifeline.mjs', join(root, 'simulator', 'lifeline.mjs'));
  });

  afterEach(() => rm(root, { recursive: true }));

  it('is over, and needs no stop, when somebody else killed it', async () => {
    const [port = 0] = await freePorts(1);
    const url = `http://127.0.0.1:${String(port)}`;
    const berth = await BerthChild.start({ root, port, environment: {}, healthUrl: `${url}/health/ready` });

    await fetch(`${url}/die`).catch(() => undefined);
    await berth.ended;

    expect(await berth.stop()).toBeNull();
  });
});
