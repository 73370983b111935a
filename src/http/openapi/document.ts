import { setImmediate } from 'node:timers/promises';
import type { INestApplication, Type } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import type { OpenAPIObject } from '@nestjs/swagger';
import { HeadersTooLarge, InvalidPath, MalformedRequest } from '../errors/http.errors.js';
import { HEADER_LIMIT } from '../limits.js';
import { product } from '../../common/product.js';
import { errorContent, failureResponse } from './failures.js';

const DESCRIPTION = `${product.description}

Errors are \`{"detail": [{"msg", "type", "loc"?}]}\`; every \`type\` is explained in docs/errors.md. An unexpected error is a
500 of type \`internal_error\` with an id under which the log has its cause. \`x-berth-access\` says who may call a route:
\`anonymous\` everybody, \`user\` a person for themselves, \`hub\` JupyterHub, \`admin\` administrators, \`fileserver\` a file server for its owner; \`own\` names the path
parameter that must be the caller's username.`;

const TAGS: readonly (readonly [name: string, description: string])[] = [
  ['labs', 'Labs as JupyterHub asks for them'],
  ['images', 'The images that labs can run'],
  ['admin', 'What operators ask'],
  ['status', 'What users see of their own lab'],
  ['files', 'WebDAV servers of users, and the administrators’ pod'],
  ['about', 'The service itself and this document'],
  ['health', 'For the kubelet and monitoring'],
];

/**
 * The API document of the running app, whatever its path prefix. Made module by module with everybody else's turn in
 * between: in one go it takes longer than anybody should wait.
 */
export async function describeApi(app: INestApplication): Promise<OpenAPIObject> {
  const frame = frameOf();
  const pieces: OpenAPIObject[] = [];
  for (const module of modulesWithRoutes(app)) {
    pieces.push(
      SwaggerModule.createDocument(app, frame, {
        include: [module],
        operationIdFactory: (_controller, method) => method,
      }),
    );
    await setImmediate();
  }
  return withCommonErrors(withOpenRoutes(joined(frame, pieces)));
}

function modulesWithRoutes(app: INestApplication): ReadonlySet<Type> {
  const modules = [...app.get(ModulesContainer).values()];
  return new Set(modules.filter(({ controllers }) => controllers.size > 0).map(({ metatype }) => metatype));
}

function joined(frame: Frame, pieces: readonly OpenAPIObject[]): OpenAPIObject {
  const merged = <Part>(parts: (Part | undefined)[]): Part => Object.assign({}, ...parts) as Part;
  const paths = merged(pieces.map((piece) => piece.paths));
  const schemas = merged(pieces.map(({ components }) => components?.schemas));
  const { openapi, ...rest } = frame;
  return { openapi, paths, ...rest, components: { ...frame.components, schemas } };
}

type Frame = Omit<OpenAPIObject, 'paths'>;

/** What is said of the API as a whole. */
function frameOf(): Frame {
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle(product.title)
    .setDescription(DESCRIPTION)
    .setVersion(product.version)
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addServer('/', 'This server')
    .addApiKey(
      {
        type: 'apiKey',
        in: 'header',
        name: 'X-Auth-Request-User',
        description: 'Set by the ingress, together with X-Auth-Request-Token where a route checks the token',
      },
      'ingress',
    )
    .addBearerAuth({ type: 'http', description: 'A token of the development identity provider' }, 'bearer')
    .addBearerAuth(
      { type: 'http', description: 'The key that a file server was given (docs/fileserver-contract.md)' },
      'serverKey',
    );
  for (const [name, description] of TAGS) builder.addTag(name, description);
  return builder.build();
}

type Operation = Record<string, unknown> & { responses: Record<string, unknown>; security?: unknown };

function operationsOf(document: OpenAPIObject): Operation[] {
  return Object.values(document.paths).flatMap((path) => Object.values(path as Record<string, Operation>));
}

/** Says "no credentials" where nothing was said: an absent list reads as "unknown" to tools. */
function withOpenRoutes(document: OpenAPIObject): OpenAPIObject {
  for (const operation of operationsOf(document)) operation.security ??= [];
  return document;
}

/** What may happen to any request, before and besides what the route itself does. */
function withCommonErrors(document: OpenAPIObject): OpenAPIObject {
  const detail = [{ msg: 'Internal error; the log has its cause under 5f0c…', type: 'internal_error' }];
  const common = {
    '400': failureResponse([new MalformedRequest(), new InvalidPath()]),
    '431': failureResponse([new HeadersTooLarge(HEADER_LIMIT)]),
    '500': {
      description: '`internal_error`',
      content: errorContent({ internal_error: { summary: 'Nobody foresaw this', value: { detail } } }),
    },
  };
  for (const operation of operationsOf(document)) operation.responses = { ...common, ...operation.responses };
  return document;
}
