import { createHash } from 'node:crypto';
import type { Pod } from '../types.js';
import type { Failure } from './script.js';
import { repositoryOf } from './script.js';

/** The sentences of kubelet 1.35 and containerd, where people and programs read them. */

const podName = ({ metadata }: Pod): string =>
  `${metadata.name}_${metadata.namespace ?? 'default'}(${metadata.uid})`;

/** A span as Go prints it, to the millisecond: `178ms`, `1.25s`, `1m2.5s`. */
export function goDuration(ms: number): string {
  const whole = Math.max(0, Math.round(ms));
  if (whole < 1000) return `${whole}ms`;
  const minutes = Math.floor(whole / 60_000);
  const seconds = `${(whole % 60_000) / 1000}s`;
  if (minutes < 60) return minutes === 0 ? seconds : `${minutes}m${seconds}`;
  return `${Math.floor(minutes / 60)}h${minutes % 60}m${seconds}`;
}

export const pulling = (image: string): string => `Pulling image "${image}"`;
export const pulled = (image: string, tookMs: number, waitedMs: number, bytes: number): string =>
  `Successfully pulled image "${image}" in ${goDuration(tookMs)} (${goDuration(waitedMs)} including waiting). Image size: ${bytes} bytes.`;
export const present = (image: string): string =>
  `Container image "${image}" already present on machine and can be accessed by the pod`;
export const neverPulled = (image: string): string =>
  `Container image "${image}" is not present with pull policy of Never`;
export const failedPull = (image: string, why: string): string => `Failed to pull image "${image}": ${why}`;
export const backOffPull = (image: string): string => `Back-off pulling image "${image}"`;
export const backOffPullState = (image: string, why: string): string =>
  `Back-off pulling image "${image}": ErrImagePull: ${why}`;
export const created = 'Container created';
export const started = 'Container started';
export const stopping = (container: string): string => `Stopping container ${container}`;
export const backOffRestart = (container: string, pod: Pod): string =>
  `Back-off restarting failed container ${container} in pod ${podName(pod)}`;
export const backOffRestartState = (container: string, pod: Pod, ms: number): string =>
  `back-off ${goLong(ms)} restarting failed container=${container} pod=${podName(pod)}`;
export const failedMount = (volume: string, why: string): string =>
  `MountVolume.SetUp failed for volume "${volume}" : ${why}`;
export const unhealthy = (ip: string, port: number | string): string =>
  `Readiness probe failed: dial tcp ${ip}:${port}: connect: connection refused`;
export const evicted = (container: string): string =>
  `The node was low on resource: memory. Threshold quantity: 100Mi, available: 64Mi. Container ${container} was using 3Gi, request is 1Gi, has larger consumption of memory. `;

/** Back-off spans are printed with all their units: `10s`, `1m20s`, `5m0s`. */
const goLong = (ms: number): string =>
  ms < 60_000
    ? `${Math.round(ms / 1000)}s`
    : `${Math.floor(ms / 60_000)}m${Math.round((ms % 60_000) / 1000)}s`;

/** What containerd says when it can't pull, or undefined for failures of another kind. */
export function pullError(failure: Failure | undefined, image: string): string | undefined {
  const asked = image.includes('@') ? `${repositoryOf(image)}@${image.split('@')[1] ?? ''}` : image;
  const stem = `failed to pull and unpack image "${asked}": failed to resolve reference "${asked}"`;
  const host = asked.split('/')[0] ?? asked;
  const manifest = `https://${host}/v2/${repositoryOf(asked).slice(host.length + 1)}/manifests/${tagOf(asked)}`;
  switch (failure) {
    case 'imageMissing':
      return `rpc error: code = NotFound desc = ${stem}: ${asked}: not found`;
    case 'pullDenied':
      return `rpc error: code = Unknown desc = ${stem}: pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed`;
    case 'diskFull': {
      const layer = `sha256:${createHash('sha256').update(image).digest('hex')}`;
      const file = `/var/lib/containerd/io.containerd.content.v1.content/ingest/${layer.slice(7, 71)}/data`;
      return `rpc error: code = Unknown desc = failed to pull and unpack image "${asked}": failed to copy: failed to send write: failed to write "${layer}": write ${file}: no space left on device`;
    }
    case 'registryUnreachable':
      return `rpc error: code = Unavailable desc = ${stem}: failed to do request: Head "${manifest}": dial tcp: lookup ${host.split(':')[0] ?? host} on 10.96.0.10:53: no such host`;
    default:
      return undefined;
  }
}

function tagOf(image: string): string {
  const rest = image.slice(repositoryOf(image).length);
  return rest === '' ? 'latest' : rest.slice(1);
}
