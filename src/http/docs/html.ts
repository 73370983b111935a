const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

export const escaped = (text: string): string => text.replace(/[&<>"]/g, (sign) => ENTITIES[sign] ?? sign);

/** `content` is HTML already. */
export const element = (name: string, content: string): string => `<${name}>${content}</${name}>`;

/** Paragraphs and `code`, as far as descriptions use Markdown. */
export const prose = (text: string): string =>
  text
    .split(/\n{2,}/)
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => element('p', escaped(part).replace(/`([^`]+)`/g, '<code>$1</code>')))
    .join('\n');

/** Cells are HTML already. Nothing at all without rows. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const line = (cells: readonly string[], kind: 'th' | 'td'): string =>
    element('tr', cells.map((cell) => element(kind, cell)).join(''));
  return `<div class="scroll">${element('table', [line(head, 'th'), ...rows.map((row) => line(row, 'td'))].join(''))}</div>`;
}
