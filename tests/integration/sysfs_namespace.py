"""A private mount namespace in which a rig's sys directory is mounted at /sys, so that librocm_smi64 needs no GPU.

The library always reads /sys. Its locks are in /dev/shm, which is private too: processes share them only within one
such namespace.
"""
import functools
import subprocess

ENTER = 'mount --rbind "$0" /sys && mount -t tmpfs tmpfs /dev/shm && exec "$@"'
NO_NAMESPACE = 'cannot create a mount namespace (tried unshare -m and unshare -Urm)'


@functools.lru_cache(maxsize=None)
def find_unshare():
    """The command that creates a namespace here, or None."""
    for attempt in (['unshare', '-m'], ['unshare', '-Urm']):
        try:
            done = subprocess.run([*attempt, 'sh', '-c', ENTER, '/sys', 'true'],
                                  capture_output=True, check=False)
        except FileNotFoundError:
            return None
        if done.returncode == 0:
            return attempt
    return None


def with_sys(sys_directory, *command, enter=ENTER):
    """The command line that runs `command` in a new namespace; the started process becomes `command`."""
    return [*find_unshare(), 'sh', '-c', enter, str(sys_directory), *command]


def in_namespace_of(pid, *command):
    """The command line that runs `command` in the mount namespace of a process and below its root, which is another
    directory than the namespace's when the tests run in a chroot."""
    as_user = ['-U', '--preserve-credentials'] if '-Urm' in find_unshare() else []
    return ['nsenter', f'--target={pid}', '-m', '-r', *as_user, *command]
