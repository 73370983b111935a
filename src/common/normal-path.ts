/** A path as the kernel understands it, so that spellings of one place are equal: `//home/` is `/home`. */
export const normalPath = (path: string): string => path.replace(/\/+/g, '/').replace(/(.)\/$/, '$1');
