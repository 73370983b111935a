import { event } from './made-spawns.js';
import type { Step } from './made-spawns.js';

/** What kubelets tell of volumes that are not there yet: code, what it is, and what is heard. */
export const MOUNTS: readonly (readonly [string, string, Step])[] = [
  [
    'volume_not_mounted',
    'a slow volume',
    event('FailedMount', 'MountVolume.SetUp failed for volume "home" : it is slow'),
  ],
  [
    'volume_not_mounted',
    'a kubelet whose cache is late',
    event(
      'FailedMount',
      'MountVolume.SetUp failed for volume "nss" : failed to sync configmap cache: timed out waiting for the condition',
    ),
  ],
  [
    'volume_not_mounted',
    'a mount that the kubelet waits for',
    event(
      'FailedMount',
      'Unable to attach or mount volumes: unmounted volumes=[home], unattached volumes=[], failed to process volumes=[]: context deadline exceeded',
    ),
  ],
  [
    'volume_not_mounted',
    'mount options that the node does not know',
    event(
      'FailedMount',
      'MountVolume.SetUp failed for volume "home" : mount failed: exit status 32\nMounting command: mount\nMounting arguments: -t nfs -o moon nfs.example.org:/home /var/lib/kubelet/x\nOutput: mount: /var/lib/kubelet/x: bad option; for several filesystems (e.g. nfs, cifs) you might need a /sbin/mount.<type> helper program.',
    ),
  ],
  [
    'volume_not_mounted',
    'a disk that takes long to be attached',
    event(
      'FailedAttachVolume',
      'AttachVolume.Attach failed for volume "pvc-1" : timed out waiting for external-attacher of disks.example.org CSI driver to attach volume 1',
    ),
  ],
  [
    'volume_server_unreachable',
    'a CIFS server that restarts',
    event(
      'FailedMount',
      'MountVolume.SetUp failed for volume "home" : mount failed: exit status 32: mount error(113): could not connect to 10.0.0.7: No route to host. Refer to the mount.cifs(8) manual page',
    ),
  ],
  [
    'volume_server_unreachable',
    'a Ceph cluster that restarts',
    event(
      'FailedMount',
      'MountVolume.SetUp failed for volume "home" : mount error 110 = Connection timed out',
    ),
  ],
  [
    'volume_source_missing',
    'a ConfigMap that comes late',
    event('FailedMount', 'MountVolume.SetUp failed for volume "nss" : configmap "rachel-nb-nss" not found'),
  ],
  [
    'volume_server_unreachable',
    'an NFS server that restarts',
    event(
      'FailedMount',
      'MountVolume.SetUp failed for volume "home" : mount failed: exit status 32: mount.nfs: Connection timed out',
    ),
  ],
  [
    'volume_in_use',
    'a volume of the lab before',
    event(
      'FailedAttachVolume',
      'Multi-Attach error for volume "pvc-1" Volume is already exclusively attached to one node',
    ),
  ],
  [
    'volume_not_mounted',
    'a storage driver that is started anew',
    event(
      'FailedMount',
      'MountVolume.MountDevice failed for volume "pvc-1" : rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial unix /var/lib/kubelet/plugins/nfs.csi.k8s.io/csi.sock: connect: connection refused"',
    ),
  ],
  [
    'volume_not_mounted',
    'a node without the NFS client, in older words',
    event(
      'FailedMount',
      'MountVolume.SetUp failed for volume "home" : mount failed: exit status 32\nMounting command: mount\nMounting arguments: -t nfs nfs.example.org:/home /var/lib/kubelet/x\nOutput: mount: unknown filesystem type \'nfs\'',
    ),
  ],
  [
    'volume_not_mounted',
    'a node whose NFS client lacks its locks',
    event(
      'FailedMount',
      'MountVolume.SetUp failed for volume "home" : mount failed: exit status 32: mount.nfs: rpc.statd is not running but is required for remote locking.',
    ),
  ],
  [
    'volume_source_missing',
    'a home that the file server does not have yet',
    event(
      'FailedMount',
      'MountVolume.SetUp failed for volume "home" : mount failed: exit status 32: mount.nfs: mounting nfs.example.org:/homes/rachel failed, reason given by server: No such file or directory',
    ),
  ],
  [
    'volume_source_missing',
    'a share that the file server does not have yet',
    event(
      'FailedMount',
      'MountVolume.SetUp failed for volume "home" : mount failed: exit status 32: mount error(2): No such file or directory. Refer to the mount.cifs(8) manual page',
    ),
  ],
];
