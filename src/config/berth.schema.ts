import { z } from 'zod';
import { notEmpty } from '../common/filled.js';
import { berthAuthSchema } from './berth-auth.schema.js';
import { berthFileserversSchema } from './berth-fileservers.schema.js';
import { prepullSchema } from './berth-prepull.schema.js';
import { filled, flag, httpUrl, memory, span, text, whole } from './values.js';

const queueSchema = z.strictObject({
  concurrency: whole(1, 10_000)
    .prefault(64)
    .describe(
      'Labs whose objects are written at the same time. Default 64: about a thousand requests in flight, which stock API servers take; waiting for images or nodes does not count.',
    ),
  lanes: z
    .array(
      z.strictObject({
        name: filled().describe('Shown to those who wait.'),
        groups: z.array(filled()).check(notEmpty()).describe('One of them is enough.'),
      }),
    )
    .prefault([])
    .describe(
      'Who is served first: a user belongs to the first lane that shares a group, else to the lane "default", which is last. Default: one lane, first come first served.',
    ),
});

const budgetsSchema = z.strictObject({
  requestsPerSecond: whole(1, 100_000)
    .prefault(2_000)
    .describe(
      'Requests per second to the Kubernetes API. Default 2000: well above a class of a thousand, so that the API server’s own fairness (429) decides; the bound is for our own mistakes.',
    ),
  burst: whole(1, 1_000_000)
    .prefault(4_000)
    .describe('Requests that may go at once after a pause. Default 4000: two seconds of the rate.'),
  maxBodyBytes: memory()
    .prefault('1Mi')
    .describe('Largest request body, in bytes or with a unit. Default 1Mi: a lab request needs a few KiB.'),
});

const streamsSchema = z.strictObject({
  perUser: whole(1, 10_000)
    .prefault(20)
    .describe('Open progress streams a user; more get 429. Default 20: the Hub and many browser tabs.'),
  keepAlive: span()
    .prefault('15s')
    .describe(
      'Pause between comment lines on a quiet stream. Default 15 s: below the idle time of every proxy.',
    ),
});

const historySchema = z.strictObject({
  keep: span()
    .prefault('30d')
    .describe(
      'How long the record of a stopped lab stays. Default 30 d: a month of questions can be answered.',
    ),
  maxRecords: whole(0)
    .prefault(20_000)
    .describe(
      'Stopped records at most; the oldest go first. Default 20000: they cost less than 64 MiB of memory.',
    ),
});

const leaseSchema = z
  .strictObject({
    duration: span()
      .prefault('20s')
      .describe(
        'A leader unseen for so long is replaced. Default 20 s: its last write (11 s at most) has ended 1 s before.',
      ),
    renewDeadline: span()
      .prefault('8s')
      .describe(
        'A leader that cannot renew for so long stops. Default 8 s: duration less this exceeds the 11 s of a write, so that no late write meets a new leader.',
      ),
    retryInterval: span()
      .prefault('2s')
      .describe(
        'Pause between attempts. Default 2 s: four chances to renew. Who waits for the lease looks twice as often, so that it is taken within 2 s of its end.',
      ),
  })
  .superRefine(({ duration, renewDeadline, retryInterval }, context) => {
    const refuse = (at: string, message: string) => context.addIssue({ code: 'custom', path: [at], message });
    if (renewDeadline >= duration) refuse('renewDeadline', 'is too long, expected less than lease.duration');
    if (retryInterval >= renewDeadline) {
      refuse('retryInterval', 'is too long, expected less than lease.renewDeadline');
    }
  });

const metricsSchema = z.strictObject({
  port: whole(0, 65_535)
    .prefault(8081)
    .describe('Port of the Prometheus metrics. Default 8081: the ingress of users never leads there.'),
  host: filled().optional().describe('Address of the metrics port. Default: that of the main port.'),
});

const googleSchema = z.strictObject({
  credentialsPath: text()
    .optional()
    .describe(
      'Key of a service account (JSON). Default: none, the metadata server gives tokens (workload identity).',
    ),
  apiUrl: httpUrl()
    .prefault('https://artifactregistry.googleapis.com')
    .describe('Where the API is. Default: the public one; others are for private access.'),
  metadataUrl: httpUrl()
    .prefault('http://metadata.google.internal')
    .describe('Where the metadata server is. Default: where Google has it.'),
});

const registriesSchema = z.strictObject({
  insecureRegistries: z
    .array(filled())
    .prefault([])
    .describe('Registries (host or host:port) spoken to by http. Default: none; meant for development.'),
  realmAllowList: z
    .array(filled())
    .prefault([])
    .describe(
      'Hosts besides the registry and its parent domains that may be sent registry credentials for a token. Default: none, since a registry could name any host.',
    ),
  redirectHosts: z
    .array(filled())
    .prefault([])
    .describe(
      'Hosts (host or host:port) that a registry may redirect to. Default: none but itself. Credentials never go along.',
    ),
  caPath: text()
    .optional()
    .describe(
      'PEM file of certificate authorities to trust besides the usual ones, for registries, their token services and proxies.',
    ),
  google: googleSchema.prefault({}).describe('How Google Artifact Registry is asked.'),
});

/** YAML 1.1 reads a bare `off` as false. */
const readiness = z.preprocess((value) => (value === false ? 'off' : value), z.enum(['off', 'tcp']));

/** Settings that only Berth knows. Unknown keys are refused: nobody else's file has this section. */
export const berthSchema = z.strictObject({
  installCrds: flag()
    .prefault(false)
    .describe('Apply our CRDs at start. Default false: the chart does, and the right to is a strong one.'),
  readiness: readiness
    .prefault('off')
    .describe(
      'tcp: a lab is complete when its port answers. Default off: labs are exactly as Nublado makes them.',
    ),
  drain: span()
    .prefault('70s')
    .describe(
      'After SIGTERM, open streams and requests are served for so long. Default 70 s: longer than a proxy keeps a connection.',
    ),
  defaultServiceAccount: z
    .enum(['create', 'wait'])
    .prefault('create')
    .describe(
      'Who makes the ServiceAccount "default" of a lab’s namespace. Default create: much faster; wait where pull secrets are patched onto it.',
    ),
  acceptEphemeralHome: flag()
    .prefault(false)
    .describe('Accept labs without a volume for homes. Default false: users would lose their work.'),
  podSecurity: z
    .enum(['auto', 'privileged', 'baseline', 'restricted'])
    .prefault('auto')
    .describe(
      'Pod Security level of lab namespaces. Default auto: the strictest that this configuration allows.',
    ),
  admissionPolicies: z
    .enum(['required', 'optional'])
    .prefault('optional')
    .describe(
      'required: start is refused unless the chart’s ValidatingAdmissionPolicies are in force. Default optional: a warning says that they are not.',
    ),
  queue: queueSchema.prefault({}).describe('The order and width of spawning.'),
  budgets: budgetsSchema.prefault({}).describe('Bounds of traffic.'),
  streams: streamsSchema.prefault({}).describe('Progress streams.'),
  prepull: prepullSchema.prefault({}).describe('How images get onto nodes.'),
  history: historySchema.prefault({}).describe('Records of stopped labs.'),
  auth: berthAuthSchema.prefault({}).describe('Identity and roles.'),
  fileservers: berthFileserversSchema.prefault({}).describe('Publication of file servers.'),
  lease: leaseSchema.prefault({}).describe('Leadership among replicas.'),
  metrics: metricsSchema.prefault({}).describe('The Prometheus endpoint.'),
  images: registriesSchema.prefault({}).describe('Registries beyond what the images section says.'),
});
