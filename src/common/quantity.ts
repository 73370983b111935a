import { bytes, milliCpu } from './units.js';
import type { Bytes, MilliCpu } from './units.js';

/** How a quantity was written; the canonical form keeps it where no digit is lost. */
export type QuantityFormat = 'BinarySI' | 'DecimalSI' | 'DecimalExponent';

/** A Kubernetes resource quantity: exact down to 10⁻⁹, as the API server keeps it. */
export interface Quantity {
  readonly nanos: bigint;
  readonly format: QuantityFormat;
}

const NANO = 1_000_000_000n;
const MAX_NANOS = (2n ** 63n - 1n) * NANO;
const DECIMAL = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];
const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const WRITTEN = /^([+-]?)(\d*)(?:\.(\d*))?([eE][+-]?\d+|[KMGTPE]i|[numkMGTPE]?)$/;
/** No API field needs more, and it bounds the work that a hostile text can cause. */
const LONGEST = 256;

/**
 * Reads a quantity as `k8s.io/apimachinery/pkg/api/resource` does: finer than 10⁻⁹ rounds away from zero,
 * larger than 2⁶³−1 becomes 2⁶³−1. Returns `undefined` for a text that is none.
 */
export function parseQuantity(text: string): Quantity | undefined {
  const found = text.length <= LONGEST ? WRITTEN.exec(text) : null;
  if (!found) return undefined;
  const [, sign, whole = '', fraction = '', suffix = ''] = found;
  if (whole + fraction === '') return undefined;
  const scale = scaleOf(suffix);
  const size = capped(scaled({ digits: BigInt(whole + fraction), tenths: fraction.length, scale }));
  // Below one unit there is nothing to count in powers of 1024.
  const format = scale.format === 'BinarySI' && size < NANO ? 'DecimalSI' : scale.format;
  return { nanos: sign === '-' ? -size : size, format };
}

const capped = (size: bigint): bigint => (size > MAX_NANOS ? MAX_NANOS : size);

interface Scale {
  readonly format: QuantityFormat;
  readonly ten: number;
  readonly two: number;
}

function scaleOf(suffix: string): Scale {
  const binary = BINARY.indexOf(suffix);
  if (binary > 0) return { format: 'BinarySI', ten: 0, two: 10 * binary };
  if (/^[eE]./.test(suffix)) {
    // Beyond this a value is zero, the least or the greatest, whatever its digits.
    const ten = Math.max(-2 * LONGEST, Math.min(2 * LONGEST, Number(suffix.slice(1))));
    return { format: 'DecimalExponent', ten, two: 0 };
  }
  return { format: 'DecimalSI', ten: (DECIMAL.indexOf(suffix) - 3) * 3, two: 0 };
}

function scaled(written: { digits: bigint; tenths: number; scale: Scale }): bigint {
  const { digits, tenths, scale } = written;
  const exponent = scale.ten + 9 - tenths;
  const size = digits << BigInt(scale.two);
  if (exponent >= 0) return size * 10n ** BigInt(exponent);
  const divisor = 10n ** BigInt(-exponent);
  return (size + divisor - 1n) / divisor;
}

/** The canonical text: what the API server answers when it was sent this quantity. */
export function printQuantity(quantity: Quantity): string {
  const { nanos, format } = quantity;
  const size = nanos < 0n ? -nanos : nanos;
  const sign = nanos < 0n ? '-' : '';
  if (format === 'BinarySI' && size >= 1024n * NANO) return sign + printBinary(size);
  return sign + printDecimal(size, format);
}

function printBinary(size: bigint): string {
  let rest = (size + NANO - 1n) / NANO;
  let step = 0;
  while (step < BINARY.length - 1 && rest % 1024n === 0n) {
    rest /= 1024n;
    step += 1;
  }
  return `${String(rest)}${BINARY[step] ?? ''}`;
}

function printDecimal(size: bigint, format: QuantityFormat): string {
  if (size === 0n) return '0';
  let rest = size;
  let step = 0;
  while (step < DECIMAL.length - 1 && rest % 1000n === 0n) {
    rest /= 1000n;
    step += 1;
  }
  const exponent = (step - 3) * 3;
  if (format !== 'DecimalExponent') return `${String(rest)}${DECIMAL[step] ?? ''}`;
  return exponent === 0 ? String(rest) : `${String(rest)}e${exponent}`;
}

/** Whole bytes, fractions rounded away from zero; `undefined` if the text is no quantity or too large to count exactly. */
export function bytesOf(text: string): Bytes | undefined {
  const whole = wholeUnits(text, NANO);
  return whole === undefined ? undefined : bytes(whole);
}

/** Thousandths of a core, finer parts rounded away from zero; `undefined` like {@link bytesOf}. */
export function milliCpuOf(text: string): MilliCpu | undefined {
  const whole = wholeUnits(text, NANO / 1000n);
  return whole === undefined ? undefined : milliCpu(whole);
}

function wholeUnits(text: string, unit: bigint): number | undefined {
  const nanos = parseQuantity(text)?.nanos;
  if (nanos === undefined) return undefined;
  const size = nanos < 0n ? -nanos : nanos;
  const rounded = Number((size + unit - 1n) / unit);
  if (!Number.isSafeInteger(rounded)) return undefined;
  return nanos < 0n ? -rounded : rounded;
}
