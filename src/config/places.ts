import { printPath } from './problems.js';
import type { ConfigPath, ConfigRemark } from './problems.js';

/** Where a key or list item was written. */
export interface Place {
  readonly file: string;
  readonly line: number;
  /** The key as the file spells it. */
  readonly spelled: string | number;
}

type Key = string | number;

/** Remembers for every value read from a file where it stands, through renaming and merging. */
export class Places {
  private readonly known = new WeakMap<object, Map<Key, Place>>();

  note(container: object, key: Key, place: Place): void {
    const inside = this.known.get(container) ?? new Map<Key, Place>();
    inside.set(key, place);
    this.known.set(container, inside);
  }

  of(container: object, key: Key): Place | undefined {
    return this.known.get(container)?.get(key);
  }

  /** What was known of one place is known of another too. */
  copy(from: { container: object; key: Key }, to: { container: object; key: Key }): void {
    const place = this.of(from.container, from.key);
    if (place) this.note(to.container, to.key, place);
  }

  /** A remark about `path` below `root`. What is absent stands on the line of the nearest thing that is there. */
  remark(root: ConfigRoot, path: ConfigPath, message: string): ConfigRemark {
    let place: Place = { file: root.file, line: 1, spelled: '' };
    let current: unknown = root.value;
    const spelled = path.map((key) => {
      const found = isContainer(current) ? this.of(current, key) : undefined;
      current = found && isContainer(current) ? current[key] : undefined;
      place = found ?? place;
      return found?.spelled ?? key;
    });
    return { file: place.file, line: place.line, path: printPath(spelled), message };
  }
}

/** The content of one file and the name to show for it. */
export interface ConfigRoot {
  readonly file: string;
  readonly value: unknown;
}

/** A map or list read from a file. */
export type Container = Record<Key, unknown>;

export function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null;
}

export function isMap(value: unknown): value is Record<string, unknown> {
  return isContainer(value) && !Array.isArray(value);
}

/** A map without inherited names, so that a key called `constructor` is nothing special. */
export function emptyMap(): Record<string, unknown> {
  return Object.create(null) as Record<string, unknown>;
}
