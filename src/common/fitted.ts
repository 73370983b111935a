/**
 * `whole` with its texts shortened, the first named first, until `excess` says that nothing is over.
 * `excess` answers how many bytes of JSON there are too many; texts that are absent are passed over.
 */
export function fitted<T extends object>(
  whole: T,
  texts: readonly (keyof T)[],
  excess: (value: T) => number,
): T {
  let fit = whole;
  for (const name of texts) {
    const over = excess(fit);
    const text = fit[name];
    if (over <= 0) return fit;
    if (typeof text === 'string') fit = { ...fit, [name]: shortened(text, over) };
  }
  return fit;
}

/** `text` with its JSON form shorter by at least `excess` bytes, or as short as it can be, ending in an ellipsis. */
function shortened(text: string, excess: number): string {
  const wanted = Buffer.byteLength(JSON.stringify(text)) - excess;
  const characters = Array.from(text);
  let low = 0;
  let high = characters.length;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const candidate = `${characters.slice(0, middle).join('')}…`;
    if (Buffer.byteLength(JSON.stringify(candidate)) <= wanted) low = middle;
    else high = middle - 1;
  }
  return `${characters.slice(0, low).join('')}…`;
}
