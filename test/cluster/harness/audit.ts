import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { auditLog, auditPolicy } from './commands.js';

/** One line a request, written when it ends; probes and metrics are nobody's cost. */
const POLICY = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived', 'ResponseStarted'],
  rules: [
    { level: 'None', nonResourceURLs: ['/healthz*', '/livez*', '/readyz*', '/metrics*'] },
    { level: 'Metadata' },
  ],
};

/** The fields of an audit event that tell who asked what (Kubernetes, "Auditing"). */
export interface AuditedRequest {
  readonly userAgent?: string;
  readonly verb: string;
  /** When the API server had it, by its own clock. */
  readonly requestReceivedTimestamp: string;
  readonly user: { readonly username: string };
  readonly objectRef?: {
    readonly apiGroup?: string;
    readonly resource?: string;
    readonly subresource?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
  readonly responseStatus?: { readonly code?: number; readonly message?: string };
  /** What the API server's own parts noted, such as `authorization.k8s.io/decision`. */
  readonly annotations?: Readonly<Record<string, string>>;
}

export function writeAuditPolicy(folder: string): Promise<void> {
  return writeFile(auditPolicy(folder), JSON.stringify(POLICY));
}

/** The finished requests of all clients whose user agent begins like this, oldest first. */
export async function readAudit(folder: string, userAgentPrefix: string): Promise<AuditedRequest[]> {
  const found: AuditedRequest[] = [];
  const lines = createInterface({ input: createReadStream(auditLog(folder)), crlfDelay: Infinity });
  for await (const line of lines) {
    // The last line may be half written.
    if (!line.endsWith('}')) continue;
    const request = JSON.parse(line) as AuditedRequest;
    if (request.userAgent?.startsWith(userAgentPrefix)) found.push(request);
  }
  return found;
}
