import type { KubernetesError } from './kubernetes/index.js';

/** Why nobody answers us at all, so that an operator knows what to mend; undefined where the API server refused this one request. */
export function clusterProblem({ apiMessage, status }: KubernetesError, server: string): string | undefined {
  if (status === 0)
    return `The Kubernetes API at ${server} cannot be reached: ${inPlainWords(apiMessage.trim())}`;
  return status === 401 ? `The Kubernetes API at ${server} does not accept our credentials` : undefined;
}

/** What Node says of the usual mistakes in a kubeconfig names a function of its own, not the mistake. */
function inPlainWords(message: string): string {
  const helper = /spawn (\S+) (?:ENOENT|EACCES)/.exec(message)?.[1];
  if (helper !== undefined)
    return `the credential helper ${helper} that the kubeconfig names cannot be run; is it installed and on the PATH?`;
  const file = /E(?:NOENT|ACCES|ISDIR)\b.*'(.+)'$/.exec(message)?.[1];
  if (file !== undefined) return `${file}, which the kubeconfig names, cannot be read`;
  if (message.includes('wrong version number'))
    return 'it does not speak TLS; is its address in the kubeconfig meant to begin with http://?';
  return message;
}
