/** Resource quantities (`250m`, `1536Mi`): canonical text and comparable values, as apimachinery computes them. */

const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const DECIMAL = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];
const EXPONENT = /^[eE]./;
const NANO = 1_000_000_000n;
const FORM = /^([+-]?)(\d*)(?:\.(\d*))?(n|u|m|k|M|G|T|P|E|[KMGTPE]i|[eE][+-]?\d+)?$/;

export const QUANTITY_ERROR =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

type Form = 'binary' | 'decimal' | 'exponent';

interface Quantity {
  readonly nanos: bigint;
  readonly form: Form;
}

function parseQuantity(text: string): Quantity | undefined {
  const [, sign, whole = '', fraction = '', suffix = ''] = FORM.exec(text) ?? [];
  if (whole === '' && fraction === '') return undefined;
  const digits = BigInt(`${whole}${fraction}`) * (sign === '-' ? -1n : 1n) * NANO;
  const scale = 10n ** BigInt(fraction.length);
  if (suffix.endsWith('i')) {
    const factor = 1024n ** BigInt(BINARY.indexOf(suffix));
    return { nanos: divideUp(digits * factor, scale), form: 'binary' };
  }
  return {
    nanos: scaled(digits, scale, exponentOf(suffix)),
    form: EXPONENT.test(suffix) ? 'exponent' : 'decimal',
  };
}

function exponentOf(suffix: string): number {
  return EXPONENT.test(suffix) ? Number(suffix.slice(1)) : (DECIMAL.indexOf(suffix) - 3) * 3;
}

function scaled(digits: bigint, scale: bigint, exponent: number): bigint {
  const power = 10n ** BigInt(Math.abs(exponent));
  return exponent < 0 ? divideUp(digits, scale * power) : divideUp(digits * power, scale);
}

/** The quantity as the API server stores it, or undefined when it is none. */
export function canonicalQuantity(value: unknown): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const parsed = parseQuantity(String(value));
  return parsed && formatQuantity(parsed);
}

/** The amount in billionths, for sums and comparisons; 0 when it is no quantity. */
export function nanosOf(value: unknown): bigint {
  if (typeof value !== 'string' && typeof value !== 'number') return 0n;
  return parseQuantity(String(value))?.nanos ?? 0n;
}

/** Writes a sum in the form its first summand had. */
export function formatNanos(nanos: bigint, like: unknown): string {
  const form = typeof like === 'string' ? (parseQuantity(like)?.form ?? 'decimal') : 'decimal';
  return formatQuantity({ nanos, form });
}

function formatQuantity({ nanos, form }: Quantity): string {
  if (nanos === 0n) return '0';
  const isSmall = nanos < 1024n * NANO && nanos > -1024n * NANO;
  if (form === 'binary' && !isSmall && nanos % NANO === 0n) return formatBinary(nanos / NANO);
  return formatDecimal(nanos, form);
}

/** The largest unit that leaves a whole number. */
function formatDecimal(nanos: bigint, form: Form): string {
  let step = 0;
  let rest = nanos;
  while (rest % 1000n === 0n && step < DECIMAL.length - 1) {
    rest /= 1000n;
    step++;
  }
  if (form !== 'exponent') return `${rest}${DECIMAL[step] ?? ''}`;
  return step === 3 ? String(rest) : `${rest}e${(step - 3) * 3}`;
}

function formatBinary(bytes: bigint): string {
  let step = 0;
  let rest = bytes;
  while (rest % 1024n === 0n && step < BINARY.length - 1) {
    rest /= 1024n;
    step++;
  }
  return `${rest}${BINARY[step] ?? ''}`;
}

function divideUp(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value % by > 0n ? quotient + 1n : quotient;
}
