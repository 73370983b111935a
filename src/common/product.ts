import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { packageRoot } from './package-root.js';

const manifest = z.object({ version: z.string(), description: z.string(), license: z.string() });

/** What we say of ourselves, from the package's own file. */
export const product = {
  ...manifest.parse(JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'))),
  title: 'Berth',
};
