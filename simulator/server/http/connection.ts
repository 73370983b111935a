import type { IncomingMessage, ServerResponse } from 'node:http';

import { ApiError } from '../api-error.js';
import type { Cluster } from '../cluster.js';
import type { Target } from '../handlers/target.js';
import { Watch } from '../handlers/watch.js';
import { answer, answerGeneral, PageNotFound, resolveTarget } from '../router.js';
import { readBody } from './body.js';
import type { ApiRequest, Reply, ResourcePath } from './request.js';
import { parseResourcePath, verbOf } from './request.js';
import { ResponseSink } from './response-sink.js';

interface Done {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly status: number;
  readonly userAgent: string;
}

const NOWHERE: ResourcePath = {
  group: '',
  version: '',
  plural: '',
  namespace: '',
  name: '',
  subresource: '',
};

/** One HTTP request, from its first byte to its answer. Never throws. */
export class Connection {
  onDone: (record: Done) => void = () => undefined;
  onWatch: (watch: Watch) => void = () => undefined;

  constructor(
    private readonly cluster: Cluster,
    private readonly message: IncomingMessage,
    private readonly response: ServerResponse,
  ) {}

  async serve(): Promise<void> {
    const url = new URL(this.message.url ?? '/', 'http://localhost');
    const path = parseResourcePath(url.pathname);
    try {
      const request = await this.read(url);
      this.response.on('error', () => undefined);
      const turn = this.cluster.pace.turn(request.method);
      if (turn) await turn;
      const general = answerGeneral(this.cluster, request);
      if (general) this.send(general, request);
      else this.serveResource(path, request);
    } catch (error) {
      this.fail(error);
    }
    this.report(path ?? NOWHERE, url);
  }

  private serveResource(path: ResourcePath | undefined, request: ApiRequest): void {
    if (!path) throw new PageNotFound();
    const { target, verb } = resolveTarget(this.cluster, path, request);
    if (verb === 'watch') this.serveWatch(target);
    else this.send(answer(target, verb), request);
  }

  private serveWatch(target: Target): void {
    const sink = new ResponseSink(this.response);
    const watch = new Watch(target, sink);
    sink.open();
    this.onWatch(watch);
    watch.start();
  }

  private async read(url: URL): Promise<ApiRequest> {
    const { headers, method = 'GET' } = this.message;
    return {
      method,
      path: url.pathname,
      query: url.searchParams,
      accept: headers.accept ?? '',
      contentType: headers['content-type'] ?? '',
      body: await readBody(this.message),
      warnings: [],
    };
  }

  private send(reply: Reply, request: ApiRequest): void {
    const body = typeof reply.body === 'string' ? Buffer.from(reply.body) : reply.body;
    const warnings = request.warnings.map((text) => `299 - ${JSON.stringify(text)}`);
    if (warnings.length > 0) this.response.setHeader('Warning', warnings);
    this.response.writeHead(reply.status, {
      'Content-Type': reply.contentType ?? 'application/json',
      'Cache-Control': 'no-cache, private',
      'Content-Length': body.length,
    });
    this.response.end(body);
  }

  private fail(error: unknown): void {
    if (this.response.headersSent) {
      this.response.destroy();
      return;
    }
    if (error instanceof PageNotFound) {
      this.response
        .writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8' })
        .end('404 page not found\n');
      return;
    }
    const known =
      error instanceof ApiError
        ? error
        : new ApiError(500, 'InternalError', `Internal error occurred: ${String(error)}`);
    const retryAfter = known.details?.retryAfterSeconds;
    this.response
      .writeHead(known.code, {
        'Content-Type': 'application/json',
        ...(retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) }),
      })
      .end(JSON.stringify(known.status()));
  }

  private report(path: ResourcePath, url: URL): void {
    const method = this.message.method ?? 'GET';
    const isResource = path !== NOWHERE;
    this.onDone({
      verb: isResource ? verbOf(method, path, url.searchParams) : method.toLowerCase(),
      group: path.group,
      resource: path.plural,
      subresource: path.subresource,
      namespace: path.namespace,
      name: path.name,
      status: this.response.statusCode,
      userAgent: this.message.headers['user-agent'] ?? '',
    });
  }
}
