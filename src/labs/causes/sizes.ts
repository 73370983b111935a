import type { Bytes, MilliCpu } from '../../common/units.js';

const GIBI = 1024 ** 3;
const MEBI = 1024 ** 2;

const rounded = (value: number): string => String(Number(value.toFixed(1)));

/** `1.5 CPU`. */
export const cores = (cpu: MilliCpu): string => `${String(cpu / 1000)} CPU`;

/** `3 GiB`, or `512 MiB` below one. */
export const gibibytes = (memory: Bytes): string =>
  memory >= GIBI ? `${rounded(memory / GIBI)} GiB` : `${rounded(memory / MEBI)} MiB`;
