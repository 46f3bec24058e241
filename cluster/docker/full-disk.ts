/**
 * A directory of a running container under which the disk is full, while the
 * disk itself, which all servers here share, is not touched. An overlay is
 * mounted over the directory whose upper layer is a memory file system of one
 * page, and that page is taken: who writes a new file, or opens an old one to
 * write, gets ENOSPC from the kernel; reading is as before.
 *
 * The mounts are in the container's own mount namespace: nobody else sees
 * them, and they go when the container stops. It takes root and a Docker
 * engine on this machine.
 *
 * Limits: a file that was open before can be written to its end, and what was
 * there can be overwritten no more, as on file systems that copy on write.
 */
import { execa } from 'execa';
import { FAULT_MARK } from '../cluster.ts';
import { HoldfastError } from '../errors.ts';
import type { Engine } from './engine.ts';

const LAYERS = `/run/${FAULT_MARK}-layers`;

/**
 * For a shell that may mount. What is mounted bears the mark as its source, by which it is found
 * again; twice is once. `layers`: an empty directory to be, beside it.
 */
export const fillDisk = (directory: string, layers = LAYERS): string => `set -e
if ! grep -q "^${FAULT_MARK} ${directory} " /proc/mounts; then
mkdir -p ${layers}
mount -t tmpfs -o size=4k ${FAULT_MARK} ${layers}
mkdir ${layers}/upper ${layers}/work
chown --reference=${directory} ${layers}/upper
chmod --reference=${directory} ${layers}/upper
dd if=/dev/zero of=${layers}/page bs=4k count=1 2>/dev/null
mount -t overlay -o lowerdir=${directory},upperdir=${layers}/upper,workdir=${layers}/work ${FAULT_MARK} ${directory}
fi`;

/** Last mounted, first unmounted; lazily, because whoever reads there goes on. */
const EMPTY_DISK = `sed -n 's/^${FAULT_MARK} \\([^ ]*\\) .*/\\1/p' /proc/mounts | tac |
while read -r directory; do umount -l "$directory" || exit 1; done &&
if [ -e ${LAYERS} ]; then rmdir ${LAYERS}; fi`;

export const setDiskFull = async (
  engine: Engine,
  container: string,
  directory: string,
  isFull: boolean,
): Promise<void> => {
  const { State } = await engine.getContainer(container).inspect();
  // The mounts went with the container's last process.
  if (!State.Running && !isFull) return;
  const inside = ['--target', String(State.Pid), '--mount', '--pid'];
  const { failed, stderr, message } = await execa(
    'nsenter',
    [...inside, 'sh', '-c', isFull ? fillDisk(directory) : EMPTY_DISK],
    { reject: false },
  );
  if (!failed) return;
  throw new HoldfastError({
    code: 'no-mount-namespace',
    message: `Could not ${isFull ? 'fill' : 'empty'} the disk under ${directory} of ${container}: ${stderr === '' ? message : stderr}`,
    remedy: 'It takes root and a Docker engine on this machine; see holdfast faults.',
  });
};
