"""A mount namespace of one's own in which /sys is a rig's, so that librocm_smi64 needs no GPU.

The library cannot be told another place than /sys. Its locks are in /dev/shm, which so is private
too: several processes share it only when they are in one such namespace.
"""
import functools
import subprocess

ENTER = 'mount --rbind "$0" /sys && mount -t tmpfs tmpfs /dev/shm && exec "$@"'
NO_NAMESPACE = 'no mount namespace can be had here (unshare -m, unshare -Urm)'


@functools.lru_cache(maxsize=None)
def find_unshare():
    """How a namespace can be had here; None: it cannot."""
    for attempt in (['unshare', '-m'], ['unshare', '-Urm']):
        try:
            done = subprocess.run([*attempt, 'sh', '-c', ENTER, '/sys', 'true'],
                                  capture_output=True, check=False)
        except FileNotFoundError:
            return None
        if done.returncode == 0:
            return attempt
    return None


def with_sys(sys_folder, *command, enter=ENTER):
    """The command line that runs `command` in a new namespace, in the process that is started."""
    return [*find_unshare(), 'sh', '-c', enter, str(sys_folder), *command]


def beside(pid, *command):
    """The command line that runs `command` in the namespace of a process, and below its root: where all
    of this runs in a chroot the two differ."""
    as_user = ['-U', '--preserve-credentials'] if '-Urm' in find_unshare() else []
    return ['nsenter', f'--target={pid}', '-m', '-r', *as_user, *command]
