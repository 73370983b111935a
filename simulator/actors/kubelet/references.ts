import type { Client } from '../client.js';
import type { Container, EnvFrom, EnvVar, KeyedData, Pod, Volume } from '../types.js';
import { quantity } from '../quantity.js';

type Kind = 'configmap' | 'secret';

/** Says in the kubelet's words which referenced object or key is missing. */
export class MissingReference extends Error {}

/** Reads the ConfigMaps and Secrets of one pod; what it found it does not read again. */
export class References {
  private readonly found = new Map<string, Record<string, string>>();

  constructor(
    private readonly client: Client,
    private readonly namespace: string,
  ) {}

  /** Throws MissingReference if the volume can't be mounted. */
  async checkVolume(volume: Volume): Promise<void> {
    const { configMap, secret } = volume;
    if (configMap) await this.checkItems('configmap', configMap.name, configMap);
    if (secret) await this.checkItems('secret', secret.secretName, secret);
  }

  /** The files of a Secret or ConfigMap volume by their names; none of any other volume. Throws MissingReference. */
  async files(volume: Volume): Promise<Record<string, string>> {
    const source = volume.configMap ?? volume.secret;
    if (source === undefined) return {};
    const kind = volume.configMap ? 'configmap' : 'secret';
    const data = await this.data(kind, volume.configMap?.name ?? volume.secret?.secretName, source.optional);
    if (data === undefined || source.items === undefined) return data ?? {};
    const items = source.items.map(({ key, path }): [string, string] => [path, data[key] ?? '']);
    return Object.fromEntries(items);
  }

  /** The environment of a container, as its process would see it. Throws MissingReference. */
  async environment(pod: Pod, container: Container): Promise<Record<string, string>> {
    const environment: Record<string, string> = {};
    for (const source of container.envFrom ?? []) Object.assign(environment, await this.allOf(source));
    for (const variable of container.env ?? []) {
      const value = await this.value(pod, container, variable);
      if (value !== undefined) environment[variable.name] = expand(value, environment);
    }
    return environment;
  }

  private async allOf({ prefix = '', configMapRef, secretRef }: EnvFrom): Promise<Record<string, string>> {
    const reference = configMapRef ?? secretRef;
    const data = await this.data(configMapRef ? 'configmap' : 'secret', reference?.name, reference?.optional);
    return Object.fromEntries(Object.entries(data ?? {}).map(([key, value]) => [prefix + key, value]));
  }

  private async value(pod: Pod, container: Container, variable: EnvVar): Promise<string | undefined> {
    const { configMapKeyRef, secretKeyRef, fieldRef, resourceFieldRef } = variable.valueFrom ?? {};
    if (configMapKeyRef) return this.key('configmap', configMapKeyRef);
    if (secretKeyRef) return this.key('secret', secretKeyRef);
    if (fieldRef) return field(pod, fieldRef.fieldPath);
    if (resourceFieldRef) return resource(container, resourceFieldRef.resource);
    return variable.value ?? '';
  }

  private async key(
    kind: Kind,
    reference: { name?: string; key: string; optional?: boolean },
  ): Promise<string | undefined> {
    const data = await this.data(kind, reference.name, reference.optional);
    const value = data?.[reference.key];
    if (value !== undefined || reference.optional === true) return value;
    const label = kind === 'configmap' ? 'ConfigMap' : 'Secret';
    throw new MissingReference(
      `couldn't find key ${reference.key} in ${label} ${this.namespace}/${reference.name ?? ''}`,
    );
  }

  private async checkItems(
    kind: Kind,
    name: string | undefined,
    { optional, items = [] }: { optional?: boolean; items?: { key: string }[] },
  ): Promise<void> {
    const data = await this.data(kind, name, optional);
    const lacking = items.find(({ key }) => data !== undefined && !(key in data));
    if (lacking === undefined || optional === true) return;
    const words =
      kind === 'configmap'
        ? 'configmap references non-existent config key'
        : 'references non-existent secret key';
    throw new MissingReference(`${words}: ${lacking.key}`);
  }

  private async data(kind: Kind, name = '', optional = false): Promise<Record<string, string> | undefined> {
    const path = `/api/v1/namespaces/${this.namespace}/${kind}s/${name}`;
    const known = this.found.get(path);
    if (known !== undefined) return known;
    const object = await this.client.find<KeyedData>(path);
    if (object === undefined && optional) return undefined;
    if (object === undefined) throw new MissingReference(`${kind} "${name}" not found`);
    const data = Object.entries(object.data ?? {}).map(([key, value]): [string, string] => [
      key,
      kind === 'secret' ? Buffer.from(value, 'base64').toString('utf8') : value,
    ]);
    const plain = Object.fromEntries(data);
    this.found.set(path, plain);
    return plain;
  }
}

function expand(value: string, known: Record<string, string>): string {
  return value.replace(/\$\$|\$\(([^)]+)\)/g, (whole, name: string | undefined) =>
    name === undefined ? '$' : (known[name] ?? whole),
  );
}

function field(pod: Pod, path: string): string {
  const { metadata, spec, status } = pod;
  const simple: Record<string, string | undefined> = {
    'metadata.name': metadata.name,
    'metadata.namespace': metadata.namespace,
    'metadata.uid': metadata.uid,
    'spec.nodeName': spec.nodeName,
    'spec.serviceAccountName': spec.serviceAccountName ?? 'default',
    'status.hostIP': status?.hostIP,
    'status.podIP': status?.podIP,
  };
  const keyed = /^metadata\.(labels|annotations)\['([^']+)'\]$/.exec(path);
  if (keyed === null) return simple[path] ?? '';
  return (keyed[1] === 'labels' ? metadata.labels : metadata.annotations)?.[keyed[2] ?? ''] ?? '';
}

function resource(container: Container, name: string): string {
  const [side, kind = ''] = name.split('.');
  const amounts = side === 'limits' ? container.resources?.limits : container.resources?.requests;
  return String(Math.ceil(quantity(amounts?.[kind])));
}
