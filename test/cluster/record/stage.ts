import { setTimeout as sleep } from 'node:timers/promises';
import { at, isFields, listAt, textAt, type Fields } from '../../conformance/json.js';
import { NodeHandle, REPOSITORY } from '../harness/index.js';
import type { Api } from '../support/api.js';
import { freshNamespace } from '../support/namespaces.js';
import type { SharedNode } from '../support/shared-cluster.js';
import { Timeline, type Sighting } from './timeline.js';

/** The name of every recorded lab's pod, and of its container (Nublado's contract). */
export const POD = 'rachel-nb';
export const NOTEBOOK = 'notebook';

export interface LabParts {
  /** Default the working lab of the open registry. */
  readonly image?: string;
  readonly name?: string;
  /** Fields of the notebook's container, instead of the usual ones. */
  readonly notebook?: Fields;
  /** Fields of the pod's spec, instead of the usual ones. */
  readonly spec?: Fields;
}

export interface StageFacts {
  readonly node: SharedNode;
  readonly api: Api;
  readonly name: string;
  readonly withNode: boolean;
}

/** A namespace, and what a case does and sees in it. */
export class Stage {
  private readonly closers: (() => Promise<unknown>)[] = [];

  private constructor(
    readonly node: SharedNode,
    readonly api: Api,
    readonly namespace: string,
    readonly timeline: Timeline,
  ) {}

  static async open({ node, api, name, withNode }: StageFacts): Promise<Stage> {
    const namespace = await freshNamespace(api, name);
    const timeline = new Timeline(node, namespace, withNode ? node.nodeName : undefined);
    return new Stage(node, api, namespace, timeline);
  }

  get handle(): NodeHandle {
    return new NodeHandle(this.node.folder);
  }

  /** Something to be undone when the case ends, however it ends. */
  later(undo: () => Promise<unknown>): void {
    this.closers.push(undo);
  }

  /** Undoes what the case did to the cluster, the newest first. */
  async close(): Promise<void> {
    for (const undo of this.closers.splice(0).reverse()) await undo();
    await this.timeline.close();
    await this.api.remove(`/api/v1/namespaces/${this.namespace}`);
  }

  image(tag: string, host = this.node.registries.open): string {
    return `${host}/${REPOSITORY}:${tag}`;
  }

  /** Creates the pod of a lab as Berth builds it; a refusal is recorded and the answer's status returned. */
  lab(parts: LabParts = {}): Promise<number> {
    return this.create('pods', labPod(this, parts));
  }

  /** Creates an object of the core group in the namespace. */
  create(resource: string, body: object): Promise<number> {
    return this.createAt(`/api/v1/namespaces/${this.namespace}/${resource}`, body);
  }

  async createAt(path: string, body: object): Promise<number> {
    const { status, body: answer } = await this.api.create<Fields>(path, body);
    if (status >= 300) this.timeline.add('REFUSED', answer);
    return status;
  }

  remove(resource: string, name: string, options: object = {}): Promise<unknown> {
    return this.api.remove(`/api/v1/namespaces/${this.namespace}/${resource}/${name}`, options);
  }

  pause(seconds: number): Promise<void> {
    return sleep(seconds * 1_000);
  }

  /** Waits for a state of the lab's pod. */
  pod(isWanted: (pod: Fields) => boolean, name = POD): Promise<Sighting> {
    return this.timeline.until(
      ({ object }) =>
        textAt(object, 'kind') === 'Pod' && textAt(object, 'metadata', 'name') === name && isWanted(object),
    );
  }

  /** Waits until a container waits for this reason. */
  waiting(reason: string, container = NOTEBOOK): Promise<Sighting> {
    return this.pod((pod) => textAt(statusOf(pod, container), 'state', 'waiting', 'reason') === reason);
  }

  /** Waits until the notebook runs (and is ready, where it has a probe). */
  running(name = POD): Promise<Sighting> {
    return this.pod((pod) => {
      const status = statusOf(pod, NOTEBOOK);
      return at(status, 'state', 'running') !== undefined && at(status, 'ready') === true;
    }, name);
  }

  /** Waits for an event with this reason, and with a text that holds `part`. */
  event(reason: string, part = ''): Promise<Sighting> {
    return this.timeline.until(
      ({ object }) =>
        textAt(object, 'kind') === 'Event' &&
        textAt(object, 'reason') === reason &&
        textAt(object, 'message').includes(part),
    );
  }

  /** Waits until a write was refused with a text that holds `part`. */
  refused(part: string): Promise<Sighting> {
    return this.timeline.until(
      ({ type, object }) => type === 'REFUSED' && textAt(object, 'message').includes(part),
    );
  }

  /** Waits until the scheduler has said why not. */
  unscheduled(part: string): Promise<Sighting> {
    return this.pod((pod) =>
      listAt(pod, 'status', 'conditions').some(
        (each) =>
          textAt(each, 'type') === 'PodScheduled' &&
          textAt(each, 'status') === 'False' &&
          textAt(each, 'message').includes(part),
      ),
    );
  }
}

/** The status of a container, of an init container too. */
export function statusOf(pod: Fields, container: string): unknown {
  return ['containerStatuses', 'initContainerStatuses']
    .flatMap((list) => listAt(pod, 'status', list))
    .find((each) => textAt(each, 'name') === container);
}

/** A lab's pod with everything that matters to a scheduler and a kubelet (compare test/golden/labs). */
function labPod(stage: Stage, { image, name, notebook, spec }: LabParts): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: name ?? POD,
      labels: { 'nublado.lsst.io/category': 'lab', 'nublado.lsst.io/user': 'rachel' },
    },
    spec: {
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      restartPolicy: 'OnFailure',
      terminationGracePeriodSeconds: 1,
      securityContext: { fsGroup: 1101, seccompProfile: { type: 'RuntimeDefault' } },
      volumes: [{ name: 'tmp', emptyDir: { medium: 'Memory' } }, ...listOf(spec, 'volumes')],
      containers: [
        notebookContainer(image ?? stage.image('w_2077_40'), notebook),
        ...listOf(spec, 'containers'),
      ],
      ...without(spec, ['volumes', 'containers']),
    },
  };
}

function notebookContainer(image: string, parts: Fields = {}): object {
  return {
    name: NOTEBOOK,
    image,
    imagePullPolicy: 'IfNotPresent',
    args: ['/opt/lsst/software/jupyterlab/runlab.sh'],
    ports: [{ name: 'jupyterlab', containerPort: 8888 }],
    resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { cpu: '1', memory: '64Mi' } },
    securityContext: RESTRICTED,
    terminationMessagePolicy: 'FallbackToLogsOnError',
    ...parts,
    volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }, ...listOf(parts, 'volumeMounts')],
  };
}

/** What Berth gives each container of a user. */
export const RESTRICTED = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  runAsUser: 1101,
  runAsGroup: 1101,
};

const listOf = (fields: Fields | undefined, key: string): readonly unknown[] => listAt(fields, key);

function without(fields: Fields | undefined, keys: readonly string[]): Fields {
  return Object.fromEntries(
    Object.entries(isFields(fields) ? fields : {}).filter(([key]) => !keys.includes(key)),
  );
}
