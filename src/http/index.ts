export { AboutModule } from './about/about.module.js';
export { ApiDocument } from './about/api-document.js';
export { ACCESS, Access } from './access/access.js';
export type { AccessRule, Role } from './access/access.js';
export { escaped } from './docs/html.js';
export { serveTryingFiles } from './docs/trying-page.js';
export { BodyTooLarge, InvalidRequest } from './errors/http.errors.js';
export { HttpModule } from './http.module.js';
export { NestLog } from './logging/nest-log.js';
export { PinoLog } from './logging/pino-log.js';
export type { LogLevel } from './logging/pino-log.js';
export { Failures } from './openapi/failures.js';
export { absoluteUrl } from './routing/origin.js';
export { APP_OPTIONS } from './server/app-options.js';
export { createHttpAdapter } from './server/fastify.js';
export type { AnsweredRequest } from './server/request-log.js';
export { Drain } from './server/drain.js';
export { Requests } from './server/requests.js';
export { EventStreams } from './sse/event-stream.js';
export type { EventSource } from './sse/event-stream.js';
export { printEvent } from './sse/wire.js';
export type { StreamEvent } from './sse/wire.js';
export {
  MayBeAbsent,
  NotRefused,
  ObjectShaped,
  OneOf,
  Present,
  Refused,
  Rule,
  Text,
  TextMap,
  isObject,
} from './validation/rules.js';
export { Validated } from './validation/validated.pipe.js';
