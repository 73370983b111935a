import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { assemble, type ImageFile } from './image.js';
import { push, type Destination } from './push.js';

/** Debian's `busybox-static`: one program, no libraries, all that our containers run. */
const BUSYBOX = '/bin/busybox';

/** What the lab's container starts (Nublado's contract); each image gives it another meaning. */
const LAB_COMMAND = 'opt/lsst/software/jupyterlab/runlab.sh';

/** The repository in which all our images lie. */
export const REPOSITORY = 'science/lab';

/** Stands where the utility image of the init containers belongs: it has the command, which does nothing. */
export const UTILITY = { repository: 'platform/utility', tag: '1' };

/** What a lab does in each of our images, by tag. Tags follow the grammar of science images. */
const LABS = {
  /** Serves, as a notebook would. */
  w_2077_40: 'exec httpd -f -p 8888',
  /** Takes some seconds before it serves. */
  w_2077_41: 'sleep 4; exec httpd -f -p 8888',
  /** Fails at once, with last words. */
  w_2077_42: 'echo "ImportError: no module named jupyterlab"; exit 1',
  /** Takes more memory than it may. */
  w_2077_43: 'echo "loading everything"; tail /dev/zero',
  /** Ends as if all were well. */
  w_2077_44: 'echo "nothing to do"; exit 0',
  /** Fails the first two times on one volume, and serves then. */
  w_2077_45:
    'n=$(cat /tmp/tries 2>/dev/null || echo 0); echo $((n + 1)) >/tmp/tries; [ "$n" -ge 2 ] || exit 3; exec httpd -f -p 8888',
  /** Serves until somebody withdraws it from the registry. */
  w_2077_46: 'true withdrawn; exec httpd -f -p 8888',
} as const;

/** Further tags, each with a defect or a property of the image itself. */
export const ODD_TAGS = {
  /** Has no lab command in it. */
  withoutCommand: 'd_2077_10_20',
  /** Built for another processor. */
  foreign: 'd_2077_10_21',
  /** Of twenty megabytes that do not compress. */
  large: 'd_2077_10_22',
  /** Its command has a first line that names no program. */
  badInterpreter: 'd_2077_10_23',
} as const;

/** Pushes all images that our specs and recordings run; resolves with the reference of the pause image. */
export async function pushImages(host: string): Promise<string> {
  const busybox = await tools();
  const to = (tag: string, repository = REPOSITORY): Destination => ({ host, repository, tag });
  const images = [
    ...Object.entries(LABS).map(([tag, script]) => [labImage(busybox, script), tag] as const),
    [labImage(busybox, LABS.w_2077_40), 'recommended'] as const,
    [assemble({ layers: [busybox] }), ODD_TAGS.withoutCommand] as const,
    [foreignImage(busybox), ODD_TAGS.foreign] as const,
    [largeImage(busybox), ODD_TAGS.large] as const,
    [assemble({ layers: [busybox, [script('#!/no/such/shell\n')]] }), ODD_TAGS.badInterpreter] as const,
  ];
  // One after the other: docker-registry may lose a layer that two push at once.
  for (const [image, tag] of images) await push(image, to(tag));
  const nublado = { path: 'bin/nublado', content: `#!${BUSYBOX} sh\nexit 0\n`, isExecutable: true };
  await push(assemble({ layers: [busybox, [nublado]] }), { host, ...UTILITY });
  // Debian keeps no pause image: this one waits as well.
  const pause = assemble({ layers: [busybox], entrypoint: [BUSYBOX, 'sleep', '2147483647'] });
  return push(pause, to('1', 'pause'));
}

/** Pushes one working lab to a registry that asks who one is. */
export async function pushGuarded(host: string, credentials: string): Promise<void> {
  const image = labImage(await tools(), LABS.w_2077_40);
  await push(image, { host, repository: REPOSITORY, tag: 'w_2077_40', credentials });
}

async function tools(): Promise<readonly ImageFile[]> {
  const busybox = { path: BUSYBOX.slice(1), content: await readFile(BUSYBOX), isExecutable: true };
  const names = [
    'sh',
    'sleep',
    'cat',
    'echo',
    'tail',
    'httpd',
    'true',
    'false',
    'mkdir',
    'touch',
    'wget',
    'id',
  ];
  // Scripts that ask busybox by its own name: a tar of ours knows no links.
  const wrappers = names.map((name) => ({
    path: `bin/${name}`,
    content: `#!${BUSYBOX} sh\nexec ${BUSYBOX} ${name} "$@"\n`,
    isExecutable: true,
  }));
  return [busybox, ...wrappers, { path: 'etc/passwd', content: 'root:x:0:0::/:/bin/sh\n' }];
}

const script = (content: string): ImageFile => ({ path: LAB_COMMAND, content, isExecutable: true });

const labImage = (busybox: readonly ImageFile[], body: string) =>
  assemble({ layers: [busybox, [script(`#!${BUSYBOX} sh\n${body}\n`)]] });

/** The lab command is a program whose header names the processor of a mainframe (ELF, `e_machine` at 18). */
function foreignImage(busybox: readonly ImageFile[]) {
  const content = Buffer.from(busybox[0]?.content ?? '');
  content.writeUInt16LE(22, 18);
  return assemble({ layers: [busybox, [{ path: LAB_COMMAND, content, isExecutable: true }]] });
}

const largeImage = (busybox: readonly ImageFile[]) =>
  assemble({
    layers: [
      [...busybox, script(`#!${BUSYBOX} sh\n${LABS.w_2077_40}\n`)],
      [{ path: 'opt/large', content: randomBytes(20 * 1024 ** 2) }],
    ],
  });
