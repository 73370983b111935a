/** A path as the kernel understands it, so that spellings of one place are equal: `//home/` is `/home`. */
export const normalPath = (path: string): string => path.replace(/\/+/g, '/').replace(/(.)\/$/, '$1');

/** Is it the directory itself, or below it? Both are in normal form. */
export const isWithin = (path: string, directory: string): boolean =>
  path === directory || path.startsWith(directory.endsWith('/') ? directory : `${directory}/`);
