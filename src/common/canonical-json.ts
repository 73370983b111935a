/** JSON on one line with sorted keys and without `undefined`: equal content, equal text. */
export function canonicalJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  let text = '';
  if (Array.isArray(value)) {
    for (const item of value as unknown[]) text += `${comma(text)}${canonicalJson(item ?? null)}`;
    return `[${text}]`;
  }
  const fields = value as Readonly<Record<string, unknown>>;
  for (const name of Object.keys(fields).sort()) {
    const field = fields[name];
    if (field !== undefined) text += `${comma(text)}${JSON.stringify(name)}:${canonicalJson(field)}`;
  }
  return `{${text}}`;
}

const comma = (before: string): string => (before === '' ? '' : ',');
