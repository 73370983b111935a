import { isContainer, isMap } from './places.js';
import type { ConfigPath } from './problems.js';

/**
 * A place in a file whose form is not yet proven. Rules that compare several places use it, so that they can speak
 * although something else in the file is wrong; whatever has an unexpected form simply is not there for them.
 */
export class Cursor {
  constructor(
    readonly value: unknown,
    readonly path: ConfigPath = [],
  ) {}

  at(...keys: (string | number)[]): Cursor {
    return keys.reduce<Cursor>((cursor, key) => cursor.child(key), this);
  }

  private child(key: string | number): Cursor {
    const value = isContainer(this.value) ? this.value[key] : undefined;
    return new Cursor(value, [...this.path, key]);
  }

  get exists(): boolean {
    return this.value !== undefined;
  }

  get isListOrAbsent(): boolean {
    return this.value === undefined || Array.isArray(this.value);
  }

  get text(): string | undefined {
    return typeof this.value === 'string' ? this.value : undefined;
  }

  /** The items of a list, or the values of a map. */
  items(): Cursor[] {
    if (Array.isArray(this.value)) return this.value.map((_, index) => this.child(index));
    return isMap(this.value) ? Object.keys(this.value).map((key) => this.child(key)) : [];
  }

  /** The last key of the path. */
  get key(): string {
    return String(this.path.at(-1) ?? '');
  }
}

/** What a rule says about a place. */
export interface Tell {
  problem(at: Cursor, message: string): void;
  warning(at: Cursor, message: string): void;
}

/** Compares places of one file and tells what does not fit. Never throws. */
export type Rule = (file: Cursor, tell: Tell) => void;

/** Tells of every text that an earlier item had already. */
export function eachRepeated(items: readonly Cursor[], tell: (at: Cursor) => void): void {
  const seen = new Set<string>();
  for (const item of items) {
    if (item.text === undefined) continue;
    if (seen.has(item.text)) tell(item);
    seen.add(item.text);
  }
}

/** The texts of places, without those that are none. */
export function textsOf(items: readonly Cursor[]): Set<string> {
  return new Set(items.flatMap((item) => item.text ?? []));
}
