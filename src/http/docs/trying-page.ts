import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { product } from '../../common/product.js';

/** Swagger UI comes with Nest's own package, so it is looked for from there. */
const swaggerUi = createRequire(createRequire(import.meta.url).resolve('@nestjs/swagger'));

const START = `window.ui = SwaggerUIBundle({
  url: new URL('openapi.json', location.href).href,
  dom_id: '#swagger-ui',
  deepLinking: true,
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis],
});
`;

/** The page at `P/docs`. Its files lie one level below, so that it works behind every prefix. */
export const tryingPage = (): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${product.title} API</title>
<link rel="icon" href="docs/favicon-32x32.png">
<link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
`;

/** Serves Swagger UI's files and the line that starts it, each under a route of its own, below `prefix`. */
export async function serveTryingFiles(fastify: FastifyInstance, prefix: string): Promise<void> {
  fastify.get(`${prefix}/docs/start.js`, (_request, reply) =>
    reply.type('text/javascript; charset=utf-8').send(START),
  );
  await fastify.register(fastifyStatic, {
    root: dirname(swaggerUi.resolve('swagger-ui-dist/package.json')),
    prefix: `${prefix}/docs/`,
    decorateReply: false,
    index: false,
    wildcard: false,
    globIgnore: [
      '**/*.{map,txt,html,json,md}',
      '**/{LICENSE,NOTICE}',
      '**/*es-bundle*',
      '**/{index,absolute-path}.js',
    ],
    maxAge: '1h',
  });
}
