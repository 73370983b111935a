/**
 * `whole` with its texts shortened, the first named first, until `excess` says that nothing is over.
 * `excess` answers how many bytes of JSON there are too many; texts that are absent are passed over. Texts lose their end,
 * those in `last` their beginning.
 */
export function fitted<T extends object>(
  whole: T,
  texts: readonly (keyof T)[],
  excess: (value: T) => number,
  last: readonly (keyof T)[] = [],
): T {
  let fit = whole;
  for (const name of texts) {
    const over = excess(fit);
    const text = fit[name];
    if (over <= 0) return fit;
    if (typeof text === 'string') fit = { ...fit, [name]: shortened(text, over, last.includes(name)) };
  }
  return fit;
}

/** `text` with its JSON form shorter by at least `excess` bytes, or as short as it can be, with an ellipsis for what it lost. */
function shortened(text: string, excess: number, keepsEnd: boolean): string {
  const wanted = Buffer.byteLength(JSON.stringify(text)) - excess;
  const characters = Array.from(text);
  const kept = (count: number): string =>
    keepsEnd
      ? `…${characters.slice(characters.length - count).join('')}`
      : `${characters.slice(0, count).join('')}…`;
  let low = 0;
  let high = characters.length;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (Buffer.byteLength(JSON.stringify(kept(middle))) <= wanted) low = middle;
    else high = middle - 1;
  }
  return kept(low);
}
