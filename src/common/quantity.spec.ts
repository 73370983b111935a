import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOf, milliCpuOf, parseQuantity, printQuantity } from './quantity.js';
import type { Quantity } from './quantity.js';

/** What `k8s.io/apimachinery` 0.35.1 makes of these texts, recorded by running it. */
const RECORDED: readonly (readonly [string, string | undefined])[] = [
  ['', undefined],
  ['0', '0'],
  ['-0', '0'],
  ['.5', '500m'],
  ['5.', '5.'],
  ['+1', '+1'],
  ['-1', '-1'],
  ['1.0', '1'],
  ['0.25', '250m'],
  ['9.0', '9'],
  ['0.5Ki', '512'],
  ['1.5Ki', '1536'],
  ['1.5Gi', '1536Mi'],
  ['1024Ki', '1Mi'],
  ['1023', '1023'],
  ['1024', '1024'],
  ['0.0000000001', '1n'],
  ['-0.0000000001', '-1n'],
  ['9223372036854775807', '9223372036854775807'],
  ['9223372036854775808', '9223372036854775808'],
  ['100Ei', '9223372036854775807'],
  ['8Ei', '9223372036854775807'],
  ['1e100', '10e99'],
  ['-1e100', '-10e99'],
  ['1e-100', '1e-9'],
  ['100m', '100m'],
  ['1000m', '1'],
  ['1500m', '1500m'],
  ['1e3', '1e3'],
  ['12e6', '12e6'],
  ['1E', '1E'],
  ['1.E', '1.E'],
  ['0Gi', '0'],
  ['0.1Gi', '107374182400m'],
  ['0.1Ki', '102400m'],
  ['-1.5Gi', '-1536Mi'],
  ['1.1Mi', '1153433600m'],
  ['0e3', '0'],
  ['1e99999999999999999999', undefined],
  [' 1', undefined],
  ['1 ', undefined],
  ['1_0', undefined],
  ['0x1', undefined],
  ['1e+3', '1e+3'],
  ['--1', undefined],
  ['007', '007'],
  ['1.0000000001Ki', '1024000000103n'],
  ['512Mi', '512Mi'],
  ['0.75Gi', '768Mi'],
  ['28991029248', '28991029248'],
  ['1e', undefined],
  ['1.5e-10', '1e-9'],
  ['123456789012345678901234567890', '123456789012345678901234567890'],
  ['0.9Ki', '921600m'],
  ['1e-10', '1e-9'],
  ['-9223372036854775809', '-9223372036854775809'],
  ['1n', '1n'],
  ['999n', '999n'],
  ['1001n', '1001n'],
  ['1000n', '1u'],
  ['0.5n', '1n'],
  ['1.5u', '1500n'],
  ['2808030600e3', '2808030600e3'],
  ['26026040mi', undefined],
  ['+0060806684826000e2', '6080668482600e3'],
  ['+04G', '+04G'],
  ['+0086868000mi', undefined],
  ['280804mi', undefined],
  ['800200022080Gi', '9223372036854775807'],
  ['00004602k', '00004602k'],
  ['+800442880048608840G', '+800442880048608840G'],
  ['48048068', '48048068'],
  ['+2040462000u', '2040462m'],
  ['62202000440004804820mi', undefined],
  ['+00u', '0'],
  ['0440440000', '440440k'],
  ['+00060002E+2', '6000200'],
  ['+40086420080626222020e3', '40086420080626222020e3'],
  ['4828000040220024E+2', '482800004022002400'],
  ['+8600Gi', '8600Gi'],
  ['820000044008402442e2', '82000004400840244200'],
  ['80680200008220k', '80680200008220k'],
  ['4086u', '4086u'],
  ['+4000e3', '4e6'],
  ['0020600000022044mi', undefined],
  ['+200440E+2', '20044e3'],
  ['00080002200100000862P', '00080002200100000862P'],
  ['60e-12', '1e-9'],
  ['66000404660046440006mi', undefined],
  ['0068', '0068'],
  ['e-12', undefined],
  ['+04060200002600Ki', '4060200002600Ki'],
  ['8420284046u', '8420284046u'],
  ['08000464888606', '08000464888606'],
  ['+068400e-12', '69e-9'],
  ['6080406620200066P', '6080406620200066P'],
  ['60004040400600k', '60004040400600k'],
  ['00e2', '0'],
  ['+068240mi', undefined],
  ['608620402680002408', '608620402680002408'],
  ['0044Gi', '0044Gi'],
];

const canonical = (text: string): string | undefined => {
  const quantity = parseQuantity(text);
  return quantity && printQuantity(quantity);
};

const quantities: fc.Arbitrary<Quantity> = fc.record({
  nanos: fc.bigInt({ min: -(10n ** 27n), max: 10n ** 27n }),
  format: fc.constantFrom('BinarySI', 'DecimalSI', 'DecimalExponent'),
});

describe('parseQuantity and printQuantity', () => {
  it.each(RECORDED)('answer like the API server to %j', (text, expected) => {
    expect(canonical(text)).toBe(expected);
  });

  it('lose nothing between printing and reading', () => {
    fc.assert(
      fc.property(quantities, (quantity) => {
        expect(parseQuantity(printQuantity(quantity))?.nanos).toBe(quantity.nanos);
      }),
    );
  });

  it('print what is printed already unchanged', () => {
    fc.assert(
      fc.property(quantities, (quantity) => {
        const printed = printQuantity(quantity);

        expect(canonical(printed)).toBe(printed);
      }),
    );
  });

  it('agree that 1Ki is 1024 and 1k is 1000, for every step', () => {
    const binary = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi'];
    const decimal = ['k', 'M', 'G', 'T', 'P'];

    expect(binary.map((suffix) => bytesOf(`1${suffix}`))).toEqual(
      [1, 2, 3, 4, 5].map((power) => 1024 ** power),
    );
    expect(decimal.map((suffix) => bytesOf(`1${suffix}`))).toEqual(
      [1, 2, 3, 4, 5].map((power) => 1000 ** power),
    );
  });

  it('never throw, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.stringMatching(/^[+-]?[0-9.]{0,300}[eE]?[+-]?[0-9a-zA-Z]{0,20}$/)),
        (text) => {
          expect(['string', 'undefined']).toContain(typeof canonical(text));
        },
      ),
    );
  });
});

describe('bytesOf and milliCpuOf', () => {
  it('round parts up, so that nobody gets less than asked for', () => {
    expect([bytesOf('1.1Mi'), bytesOf('100m'), milliCpuOf('0.0001'), milliCpuOf('250m')]).toEqual([
      1153434, 1, 1, 250,
    ]);
  });

  it('answer nothing for what cannot be counted exactly', () => {
    expect([bytesOf('8Ei'), bytesOf('lots'), milliCpuOf('9007199254740993m')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});
