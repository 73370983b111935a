import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { Api, type Thing } from '../support/api.js';
import { freshNamespace } from '../support/namespaces.js';
import { describeReal } from '../support/shared-cluster.js';
import { PodWebhook } from '../support/webhook.js';

const RECORD = 'test/fixtures/kubernetes/job-refusals.json';
const JOBS = 'test/golden/fileservers/ingress.json';
const ADMISSION = '/apis/admissionregistration.k8s.io/v1';
const isRecording = process.env.UPDATE_GOLDEN === '1';

interface Event extends Thing {
  readonly reason: string;
  readonly type: string;
  readonly message: string;
  readonly source: object;
  readonly reportingComponent: string;
  readonly involvedObject: { readonly kind: string; readonly apiVersion: string; readonly name: string };
}

/** What the Job's controller said, without what is chance in it. */
interface Refusal {
  readonly name: string;
  readonly event: Pick<Event, 'type' | 'reason' | 'message' | 'source' | 'reportingComponent'> & {
    readonly involvedObject: { readonly kind: string; readonly apiVersion: string; readonly name: string };
  };
}

interface Recording {
  readonly kubernetes: string;
  readonly madeBy: string;
  readonly records: readonly Refusal[];
}

interface Place {
  readonly api: Api;
  readonly namespace: string;
}

interface GoldenJob extends Thing {
  readonly kind: string;
  readonly spec: { readonly template: { readonly spec: object } };
}

/** A cause that is put in a namespace's way; answers how it is taken away again. */
type Cause = (place: Place) => Promise<() => Promise<unknown>>;

const nothing = (): Promise<void> => Promise.resolve();

/** A quota counts only once its controller has looked at it. */
const quota =
  (hard: Readonly<Record<string, string>>): Cause =>
  async ({ api, namespace }) => {
    const path = `/api/v1/namespaces/${namespace}/resourcequotas`;
    await api.make(path, { metadata: { name: 'crowded' }, spec: { hard } });
    await api.eventually<{ status?: { hard?: object } }>(
      `${path}/crowded`,
      ({ body }) => body.status?.hard !== undefined,
    );
    return nothing;
  };

const limits: Cause = async ({ api, namespace }) => {
  await api.make(`/api/v1/namespaces/${namespace}/limitranges`, {
    metadata: { name: 'small' },
    spec: { limits: [{ type: 'Pod', max: { memory: '32Mi' } }] },
  });
  return nothing;
};

const labelled =
  (labels: Readonly<Record<string, string>>): Cause =>
  async ({ api, namespace }) => {
    await api.merge(`/api/v1/namespaces/${namespace}`, { metadata: { labels } });
    return nothing;
  };

const webhook =
  (answers: boolean): Cause =>
  async (place) => {
    const { api, namespace } = place;
    const hook = await PodWebhook.install(api, namespace);
    hook.hook = { do: 'deny', words: 'no pods on Fridays' };
    await labelled({ 'nublado.lsst.io/user': namespace })(place);
    if (!answers) await hook.fallSilent();
    return () => hook.remove();
  };

const policy: Cause = async ({ api, namespace }) => {
  const name = `no-pods-in-${namespace}`;
  const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] };
  await api.make(`${ADMISSION}/validatingadmissionpolicies`, {
    metadata: { name },
    spec: {
      matchConstraints: { resourceRules: [rule] },
      validations: [{ expression: 'false', message: 'closed today' }],
    },
  });
  const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': namespace } };
  await api.make(`${ADMISSION}/validatingadmissionpolicybindings`, {
    metadata: { name },
    spec: { policyName: name, validationActions: ['Deny'], matchResources: { namespaceSelector } },
  });
  return async () => {
    await api.remove(`${ADMISSION}/validatingadmissionpolicybindings/${name}`);
    await api.remove(`${ADMISSION}/validatingadmissionpolicies/${name}`);
  };
};

/** Names as in `answers.json`: what was put in the way, and what the Job asks of its pod besides. */
const CASES: Readonly<Record<string, { readonly cause?: Cause; readonly pod?: object }>> = {
  'quota-exceeded': { cause: quota({ pods: '0' }) },
  'quota-unspecified': { cause: quota({ 'limits.memory': '1Gi' }) },
  'limit-range': { cause: limits },
  'webhook-denied': { cause: webhook(true) },
  'webhook-unreachable': { cause: webhook(false) },
  'admission-policy': { cause: policy },
  'pod-security': { cause: labelled({ 'pod-security.kubernetes.io/enforce': 'restricted' }) },
  'missing-service-account': { pod: { serviceAccountName: 'nobody' } },
  'no-priority-class': { pod: { priorityClassName: 'nobody' } },
};

describeReal('the real Job controller, when a file server’s pod is refused', (cluster) => {
  const api = new Api(cluster);
  const seen: Refusal[] = [];
  afterAll(() => api.close());

  /** The Job as our golden file has it, in a namespace with the cause in its way, until its controller despairs. */
  const refusal = async (name: string): Promise<Refusal> => {
    const { cause, pod } = CASES[name] ?? {};
    const namespace = await freshNamespace(api, 'job-refused');
    const undo = (await cause?.({ api, namespace })) ?? nothing;
    // What is put in the way comes to the API server's judgement by a watch of its own: an accepted pod was too early.
    const isRefused = ({ reason }: Event): boolean => reason === 'FailedCreate';
    for (let nth = 0; ; nth += 1) {
      const uid = await make(namespace, nth, pod);
      const events = `/api/v1/namespaces/${namespace}/events?fieldSelector=involvedObject.uid%3D${uid}`;
      const { body } = await api.eventually<{ items: readonly Event[] }>(events, ({ body: { items } }) =>
        items.some(({ reason }) => ['FailedCreate', 'SuccessfulCreate'].includes(reason)),
      );
      const event = body.items.find(isRefused);
      if (!event) continue;
      await undo();
      return { name, event: told(event, namespace) };
    }
  };

  const make = async (namespace: string, nth: number, pod: object | undefined): Promise<string> => {
    const golden = JSON.parse(await readFile(JOBS, 'utf8')) as readonly GoldenJob[];
    const job = golden.find(({ kind }) => kind === 'Job');
    if (!job) throw new Error(`${JOBS} has no Job`);
    const template = { ...job.spec.template, spec: { ...job.spec.template.spec, ...pod } };
    const { metadata } = await api.make(`/apis/batch/v1/namespaces/${namespace}/jobs`, {
      metadata: { name: nth === 0 ? 'rachel-fs' : `rachel-fs-${String(nth)}` },
      spec: { ...job.spec, template },
    });
    return metadata.uid;
  };

  describe('says what the API server answered', () => {
    it.each(Object.keys(CASES))('%s', async (name) => {
      const found = await refusal(name);
      seen.push(found);
      if (isRecording) return;

      const { records } = JSON.parse(await readFile(RECORD, 'utf8')) as Recording;
      expect(found).toEqual(records.find((each) => each.name === name));
    });

    it.runIf(isRecording)('and that is written down', async () => {
      const { body } = await api.get<{ gitVersion: string }>('/version');
      const recording: Recording = {
        kubernetes: body.gitVersion,
        madeBy: 'UPDATE_GOLDEN=1 npm run test:cluster -- job-refusals',
        records: Object.keys(CASES).flatMap((name) => seen.filter((each) => each.name === name)),
      };
      await writeFile(RECORD, `${JSON.stringify(recording, null, 2)}\n`);
    });
  });
});

const told = (event: Event, namespace: string): Refusal['event'] => {
  const { type, reason, message, source, reportingComponent, involvedObject } = event;
  const { kind, apiVersion, name } = involvedObject;
  const plain = (text: string): string =>
    text
      .replaceAll(namespace, 'NAMESPACE')
      .replaceAll(/rachel-fs-(\d+-)?[bcdfghj-np-tv-z2456789]{5}"/g, 'rachel-fs-xxxxx"')
      .replaceAll(/rachel-fs-(\d+-)"/g, 'rachel-fs-"')
      .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT');
  return {
    ...{ type, reason, message: plain(message), source, reportingComponent },
    involvedObject: { kind, apiVersion, name: name.replace(/-\d+$/, '') },
  };
};
