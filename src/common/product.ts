import { readFileSync } from 'node:fs';
import { z } from 'zod';

const manifest = z.object({ version: z.string(), description: z.string(), license: z.string() });

/** What we say of ourselves. The package's own file lies two levels up, from the sources and from the build alike. */
export const product = {
  ...manifest.parse(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))),
  title: 'Berth',
};
