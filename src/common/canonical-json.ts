/** JSON on one line with sorted keys and without `undefined`: equal content, equal text. */
export const canonicalJson = (value: unknown): string => JSON.stringify(sorted(value));

/** A copy whose keys come in order, for the engine's own writer, which is faster than one of ours. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(sorted);
  const fields = value as Readonly<Record<string, unknown>>;
  const copy: Record<string, unknown> = {};
  for (const name of Object.keys(fields).sort()) {
    // Assigned, this one would be the copy's prototype.
    if (name === '__proto__')
      Object.defineProperty(copy, name, { value: sorted(fields[name]), enumerable: true });
    else copy[name] = sorted(fields[name]);
  }
  return copy;
}
