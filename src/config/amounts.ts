import { bytes, milliCpu } from '../common/units.js';
import type { Bytes, MilliCpu } from '../common/units.js';

const MEMORY = /^\s*(\d{1,18})(?:\.(\d{0,18}))?\s*([A-Za-z]*)\s*$/;
const CPU = /^\s*(?:(\d{1,9})m|(\d{1,6})(?:\.(\d{0,3})0*)?|\.(\d{1,3}))\s*$/;
const PREFIXES = 'kmgtpe';

interface Unit {
  readonly times: bigint;
  readonly per: bigint;
}

/**
 * Reads an amount of memory as the configuration writes it (contract 3, "memory"): `m` means mega here, unlike
 * in a Kubernetes quantity. Parts of a byte are cut off. `undefined` for anything else.
 */
export function parseMemory(written: string | number): Bytes | undefined {
  if (typeof written === 'number') return whole(written);
  const found = MEMORY.exec(written);
  if (!found) return undefined;
  const [, digits = '', fraction = '', name = ''] = found;
  const unit = memoryUnit(name);
  if (!unit) return undefined;
  const scaled = BigInt(digits + fraction) * unit.times;
  return whole(Number(scaled / (unit.per * 10n ** BigInt(fraction.length))));
}

function memoryUnit(name: string): Unit | undefined {
  if (name === '' || name === 'B' || /^bytes?$/i.test(name)) return { times: 1n, per: 1n };
  if (name === 'b' || /^bits?$/i.test(name)) return { times: 1n, per: 8n };
  const found = /^([KMGTPEkmgtpe])(i?)B?$/.exec(name);
  if (!found) return undefined;
  const power = BigInt(PREFIXES.indexOf((found[1] ?? '').toLowerCase()) + 1);
  return { times: (found[2] === 'i' ? 1024n : 1000n) ** power, per: 1n };
}

function whole(count: number): Bytes | undefined {
  const cut = Math.trunc(count);
  return cut >= 0 && Number.isSafeInteger(cut) ? bytes(cut) : undefined;
}

/** Reads an amount of CPU (contract 3, "cpu"): `250m`, or cores with at most three decimal places. `undefined` otherwise. */
export function parseCpu(written: string | number): MilliCpu | undefined {
  if (typeof written === 'number') return cores(written);
  const found = CPU.exec(written);
  if (!found) return undefined;
  const [, thousandths, count = '0', fraction = '', bare] = found;
  if (thousandths !== undefined) return milliCpu(Number(thousandths));
  return milliCpu(Number(count) * 1000 + Number((bare ?? fraction).padEnd(3, '0')));
}

function cores(written: number): MilliCpu | undefined {
  const thousandths = Math.round(written * 1000);
  const exact = Math.abs(written * 1000 - thousandths) < 1e-6;
  return exact && thousandths >= 0 && thousandths <= 1e9 ? milliCpu(thousandths) : undefined;
}
