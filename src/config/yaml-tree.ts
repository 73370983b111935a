import { isAlias, isMap as isYamlMap, isScalar, isSeq } from 'yaml';
import type { LineCounter, Node, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import { emptyMap, isMap } from './places.js';
import type { Places } from './places.js';
import type { ConfigPath, ConfigRemark } from './problems.js';
import { printPath, quote } from './problems.js';

/** Values that aliases may add to a file. A tree that grows beyond it was written to hurt. */
const MOST_ALIASED = 10_000;

type Value = Node | Pair | null | undefined;

/** Where the conversion stands: the path for messages, and the anchors it is inside of. */
interface Spot {
  readonly path: ConfigPath;
  readonly inside: readonly Node[];
}

/**
 * Turns the syntax tree of a file into plain values and remembers where each was written.
 * Repeated keys, keys that are no text, endless aliases and binary values become problems.
 */
export class YamlTree {
  readonly problems: ConfigRemark[] = [];
  private readonly anchors = new Map<string, Node>();
  private aliased = 0;

  constructor(
    private readonly file: string,
    private readonly lines: LineCounter,
    private readonly places: Places,
  ) {}

  read(root: Value): unknown {
    return this.value(root, { path: [], inside: [] });
  }

  private value(node: Value, spot: Spot): unknown {
    if (!node || 'key' in node || this.exhausted(node, spot)) return null;
    if (isAlias(node)) return this.alias(node, spot);
    if (node.anchor !== undefined && spot.inside.length === 0) this.anchors.set(node.anchor, node);
    if (isScalar(node)) return this.scalar(node, spot);
    if (isYamlMap(node)) return this.map(node, spot);
    return isSeq(node) ? this.list(node, spot) : null;
  }

  private exhausted(node: Node, spot: Spot): boolean {
    if (spot.inside.length === 0) return false;
    this.aliased += 1;
    if (this.aliased === MOST_ALIASED) {
      this.refuse(node, [], `aliases repeat more than ${MOST_ALIASED} values, expected fewer`);
    }
    return this.aliased >= MOST_ALIASED;
  }

  private alias(node: Node & { source: string }, spot: Spot): unknown {
    const target = this.anchors.get(node.source);
    if (!target || spot.inside.includes(target)) {
      return this.refuse(
        node,
        spot.path,
        `*${node.source} leads to itself or nowhere, expected an anchor above it`,
      );
    }
    return this.value(target, { path: spot.path, inside: [...spot.inside, target] });
  }

  private scalar(node: Scalar, spot: Spot): unknown {
    const { value, source } = node;
    if (value instanceof Date) return source ?? value.toISOString();
    if (value instanceof Uint8Array) return this.refuse(node, spot.path, 'is binary, expected text');
    return value;
  }

  private list(node: YAMLSeq, spot: Spot): unknown[] {
    const items: unknown[] = [];
    node.items.forEach((item, index) => {
      const child = item as Value;
      items.push(this.value(child, { ...spot, path: [...spot.path, index] }));
      this.places.note(items, index, {
        file: this.file,
        line: this.line(child) ?? this.line(node) ?? 1,
        spelled: index,
      });
    });
    return items;
  }

  private map(node: YAMLMap, spot: Spot): Record<string, unknown> {
    const map = emptyMap();
    const merged: Record<string, unknown>[] = [];
    for (const pair of node.items as Pair<Node, Value>[]) {
      const key = this.key(pair.key, spot.path);
      if (key === undefined) continue;
      if (key === MERGE) {
        merged.push(...[this.value(pair.value, spot)].flat().filter(isMap));
        continue;
      }
      if (key in map) {
        this.refuse(pair.key, [...spot.path, key], 'is given twice, expected it once');
        continue;
      }
      map[key] = this.value(pair.value, { ...spot, path: [...spot.path, key] });
      this.places.note(map, key, { file: this.file, line: this.line(pair.key) ?? 1, spelled: key });
    }
    for (const source of merged) this.merge(map, source);
    return map;
  }

  private merge(map: Record<string, unknown>, source: Record<string, unknown>): void {
    for (const [key, value] of Object.entries(source)) {
      if (key in map) continue;
      map[key] = value;
      this.places.copy({ container: source, key }, { container: map, key });
    }
  }

  private key(node: Value, path: ConfigPath): string | typeof MERGE | undefined {
    const value: unknown = isScalar(node) ? node.value : undefined;
    if (typeof value === 'symbol') return MERGE;
    if (typeof value === 'string' && value !== '__proto__') return value;
    const shown = isScalar(node) ? `the key ${quote(node.source ?? 'null')}` : 'a key';
    this.refuse(node, path, `${shown} is not text, expected a name (in quotes if it looks like a number)`);
    return undefined;
  }

  private refuse(node: Value, path: ConfigPath, message: string): null {
    this.problems.push({ file: this.file, line: this.line(node) ?? 1, path: printPath(path), message });
    return null;
  }

  private line(node: Value): number | undefined {
    const start = node && !('key' in node) ? node.range?.[0] : undefined;
    return start === undefined ? undefined : this.lines.linePos(start).line;
  }
}

const MERGE = Symbol('merge');
