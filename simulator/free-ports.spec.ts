import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { freePorts } from './free-ports.js';

describe('free ports', () => {
  it('are never given twice, though nobody listens on them yet', async () => {
    const few = await Promise.all(Array.from({ length: 20 }, () => freePorts(20)));

    expect(new Set(few.flat()).size).toBe(400);
  });

  it('are claimed against other processes too', async () => {
    const [port = 0] = await freePorts(1);
    const claim = `require('node:dgram').createSocket('udp4').on('error', ({ code }) => console.log(code)).bind(${String(port)}, '127.0.0.1')`;

    const { stdout } = await promisify(execFile)(process.execPath, ['-e', claim]);

    expect(stdout.trim()).toBe('EADDRINUSE');
  });
});
