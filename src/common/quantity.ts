import { bytes, milliCpu } from './units.js';
import type { Bytes, MilliCpu } from './units.js';

/** How a quantity was written; the canonical form keeps it where no digit is lost. */
export type QuantityFormat = 'BinarySI' | 'DecimalSI' | 'DecimalExponent';

/** A Kubernetes resource quantity: exact down to 10⁻⁹, as the API server keeps it. */
export interface Quantity {
  readonly nanos: bigint;
  readonly format: QuantityFormat;
  /** The text it was read from, where the API server takes that for canonical and gives it back (`+1`, `007`). */
  readonly text?: string;
}

const NANO = 1_000_000_000n;
const MAX_BINARY = (2n ** 63n - 1n) * NANO;
const DECIMAL = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];
const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const WRITTEN = /^([+-]?)(?=\.?\d)(\d*)(?:\.(\d*))?([eE][+-]?\d+|[KMGTPE]i|[numkMGTPE]?)$/;
/** Nothing real needs more; it bounds the work that a hostile text can cause. */
const LONGEST = 256;
const GREATEST_EXPONENT = 256;

/** A quantity taken apart; the value is `digits × 10^ten × 2^two`. */
interface Written {
  readonly text: string;
  readonly sign: string;
  /** Without leading zeros. */
  readonly whole: string;
  readonly fraction: string;
  readonly scale: Scale;
}

interface Scale {
  readonly format: QuantityFormat;
  readonly ten: number;
  readonly two: number;
}

/**
 * Reads a quantity as `k8s.io/apimachinery/pkg/api/resource` does: finer than 10⁻⁹ rounds away from zero, and binary
 * ones beyond 2⁶³−1 become that. Returns `undefined` for a text that is none, and for exponents beyond ±256.
 * A text without a digit is none either, although the API server reads some of them as zero.
 */
export function parseQuantity(text: string): Quantity | undefined {
  const written = takeApart(text);
  if (!written) return undefined;
  const { format } = written.scale;
  const size = sizeOf(written);
  const nanos = written.sign === '-' ? -size : size;
  if (isTakenForCanonical(written)) return { nanos, format, text };
  // Below one there is nothing to count in powers of 1024.
  return { nanos, format: format === 'BinarySI' && size < NANO && size > 0n ? 'DecimalSI' : format };
}

function takeApart(text: string): Written | undefined {
  const found = text.length <= LONGEST ? WRITTEN.exec(text) : null;
  if (!found || text === '') return undefined;
  const [, sign = '', digits = '', fraction = '', suffix = ''] = found;
  const scale = scaleOf(suffix);
  if (!scale) return undefined;
  return { text, sign, whole: digits.replace(/^0+/, '') || '0', fraction, scale };
}

function scaleOf(suffix: string): Scale | undefined {
  const binary = BINARY.indexOf(suffix);
  if (binary > 0) return { format: 'BinarySI', ten: 0, two: 10 * binary };
  if (!/^[eE]./.test(suffix)) return { format: 'DecimalSI', ten: (DECIMAL.indexOf(suffix) - 3) * 3, two: 0 };
  const ten = Number(suffix.slice(1));
  return Math.abs(ten) <= GREATEST_EXPONENT ? { format: 'DecimalExponent', ten, two: 0 } : undefined;
}

function sizeOf({ whole, fraction, scale }: Written): bigint {
  const exponent = scale.ten + 9 - fraction.length;
  const size = BigInt(whole + fraction) << BigInt(scale.two);
  const divisor = 10n ** BigInt(Math.max(0, -exponent));
  const nanos = (size * 10n ** BigInt(Math.max(0, exponent)) + divisor - 1n) / divisor;
  return scale.format === 'BinarySI' && nanos > MAX_BINARY ? MAX_BINARY : nanos;
}

/**
 * The API server repeats a text that it believes canonical without a closer look. Its test is cheap, so a few texts
 * pass that printing would not give.
 */
function isTakenForCanonical({ text, whole, fraction, scale }: Written): boolean {
  if (text === '0') return true;
  const shifted = whole + fraction;
  if (scale.format === 'BinarySI') {
    const spare = 14 - whole.length - Math.trunc((scale.two * 3) / 10);
    return fraction === '' && spare >= 0 && BigInt(whole) % 8n !== 0n;
  }
  const exponent = scale.ten - fraction.length;
  const exact = shifted.length <= 18 && exponent >= -9;
  return exact && exponent % 3 === 0 && !shifted.endsWith('000') && !shifted.startsWith('0');
}

/** What the API server answers when it was sent this quantity. */
export function printQuantity(quantity: Quantity): string {
  const { nanos, format, text } = quantity;
  if (text !== undefined) return text;
  const size = nanos < 0n ? -nanos : nanos;
  const countable = size >= 1024n * NANO && size % NANO === 0n;
  const printed = format === 'BinarySI' && countable ? printBinary(size / NANO) : printDecimal(size, format);
  return nanos < 0n ? `-${printed}` : printed;
}

function printBinary(whole: bigint): string {
  let rest = whole;
  let step = 0;
  while (step < BINARY.length - 1 && rest % 1024n === 0n) {
    rest /= 1024n;
    step += 1;
  }
  return `${String(rest)}${BINARY[step] ?? ''}`;
}

function printDecimal(size: bigint, format: QuantityFormat): string {
  if (size === 0n) return '0';
  const most = format === 'DecimalExponent' ? Number.POSITIVE_INFINITY : DECIMAL.length - 1;
  let rest = size;
  let step = 0;
  while (step < most && rest % 1000n === 0n) {
    rest /= 1000n;
    step += 1;
  }
  if (format !== 'DecimalExponent') return `${String(rest)}${DECIMAL[step] ?? ''}`;
  return step === 3 ? String(rest) : `${String(rest)}e${(step - 3) * 3}`;
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
