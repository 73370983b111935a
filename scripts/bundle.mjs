// Puts the compiled sources and all that they import together into a few files: most of a start went into finding,
// reading and compiling two and a half thousand small ones.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Stay where npm put them: what few processes need, and what the framework only tries for. */
const LEFT_OUT = [
  '@kubernetes/client-node',
  '@fastify/multipart',
  '@fastify/view',
  '@nestjs/microservices',
  '@nestjs/websockets',
];

await build({
  configFile: false,
  root,
  logLevel: 'warn',
  publicDir: false,
  resolve: { mainFields: ['main'] },
  ssr: { target: 'node', noExternal: true, external: LEFT_OUT, resolve: { mainFields: ['main'] } },
  build: {
    ssr: join(root, '.build', 'berth', 'main.js'),
    outDir: 'dist',
    emptyOutDir: true,
    target: 'node20',
    minify: false,
    rolldownOptions: {
      external: LEFT_OUT.map((name) => new RegExp(`^${name}(?:/|$)`)),
      output: {
        entryFileNames: 'main.js',
        chunkFileNames: '[name].js',
        keepNames: true,
        // Licences stay; what explains the code is in the sources, and a sixth of what would be read at each start.
        comments: { legal: true, jsdoc: false, annotation: false },
      },
    },
  },
});
