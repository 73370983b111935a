import { backedOff, waits } from './made-spawns.js';
import type { Step } from './made-spawns.js';

/** What is told of images that do not come while patience may still help: code, what it is, and what is seen. */
export const PULLS: readonly (readonly [string, string, Step])[] = [
  [
    'registry_unreachable',
    'a registry away for a while',
    backedOff('dial tcp: lookup registry.example.org: no such host'),
  ],
  [
    'registry_unreachable',
    'a registry that answers 503',
    backedOff('unexpected status from HEAD request: 503 Service Unavailable'),
  ],
  ['registry_throttled', 'a rate limit', backedOff('toomanyrequests: You have reached your pull rate limit')],
  [
    'registry_untrusted',
    'a certificate that is being renewed',
    backedOff('tls: failed to verify certificate: x509: certificate has expired'),
  ],
  [
    'node_disk_full',
    'a disk that is being tidied',
    backedOff('write /var/lib/containerd/x: no space left on device'),
  ],
  [
    'node_disk_full',
    'a disk that has no room for a container',
    waits('CreateContainerError', 'failed to mkdir "/var/lib/containerd/x": no space left on device'),
  ],
  [
    'pull_denied',
    'one refusal, as while credentials are renewed',
    backedOff('unexpected status: 403 Forbidden'),
  ],
  [
    'pull_failed',
    'a layer that may not be written',
    backedOff('failed to extract layer sha256:aa: mount callback failed: open /x: permission denied'),
  ],
  ['pull_failed', 'words that nobody knows', backedOff('the moon is full')],
  [
    'pull_failed',
    'a runtime that is started anew',
    backedOff(
      'connection error: desc = "transport: Error while dialing: dial unix /run/containerd/containerd.sock: connect: connection refused"',
    ),
  ],
  [
    'pull_failed',
    'a runtime that is slow to look at an image',
    waits(
      'ImageInspectError',
      'Failed to inspect image "lab": rpc error: code = DeadlineExceeded desc = context deadline exceeded',
    ),
  ],
  [
    'registry_unreachable',
    'a registry behind a firewall',
    backedOff(
      'failed to do request: Head "https://registry.example.org/v2/": dial tcp 10.0.0.1:443: connect: connection timed out',
    ),
  ],
  [
    'registry_unreachable',
    'a name server that is away',
    backedOff(
      'pinging container registry registry.example.org: Get "https://registry.example.org/v2/": dial tcp: lookup registry.example.org: Temporary failure in name resolution',
    ),
  ],
  [
    'pull_failed',
    'a helper for credentials that the node lacks',
    backedOff(
      'initializing source docker://registry.example.org/science/lab:w1: getting username and password: error getting credentials - err: exec: "docker-credential-ecr-login": executable file not found in $PATH, out: ``',
    ),
  ],
  [
    'pull_denied',
    'a service of tokens that knows nothing of the repository',
    backedOff(
      'failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://auth.example.org/token?scope=repository%3Ascience%2Flab%3Apull: 404 Not Found',
    ),
  ],
];
