const OWN_LIMIT =
  /^Usage of EmptyDir volume|^Pod ephemeral local storage usage exceeds|exceeded its local ephemeral storage limit/;

/** A kubelet evicts a pod also for what the pod itself wrote (`k8s.io/kubernetes/pkg/kubelet/eviction`); `words`: what it says. */
export const isForOwnLimit = (words: string): boolean => OWN_LIMIT.test(words);
