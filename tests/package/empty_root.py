"""Runs programs in a root directory of their own, which has only what a test puts there, /proc and /dev/null."""
import contextlib
import functools
import os
import pathlib
import re
import signal
import subprocess

ENTER = """mount -t proc proc "$0/proc" && mount --bind /dev/null "$0/dev/null" &&
if [ -d "$0/sys" ]; then mount --rbind "$0/sys" "$0/sys"; fi && cd / && exec unshare --root="$0" "$@" """
NAMESPACES = ("--mount", "--pid", "--fork", "--kill-child")


@functools.lru_cache(maxsize=None)
def find_unshare():
    """The command that makes the namespaces here, as root or as another user, or None."""
    for attempt in (["unshare", *NAMESPACES], ["unshare", "--map-root-user", *NAMESPACES]):
        try:
            if subprocess.run([*attempt, "mount", "-t", "proc", "proc", "/proc"], capture_output=True).returncode == 0:
                return attempt
        except FileNotFoundError:
            return None
    return None


def namespace_problem():
    """Why no such root can be made here; empty: it can be."""
    return "" if find_unshare() else "unshare cannot make namespaces of mounts and processes"


class EmptyRoot:
    def __init__(self, path):
        self.path = pathlib.Path(path)
        for directory in ("proc", "dev"):
            (self.path / directory).mkdir(exist_ok=True)
        (self.path / "dev/null").touch()

    def command(self, *command):
        return [*find_unshare(), "sh", "-c", ENTER, str(self.path), *command]

    def run(self, *command, seconds=120, environment=None, before=None):
        return subprocess.run(self.command(*command), capture_output=True, text=True, timeout=seconds, preexec_fn=before,
                              env={"PATH": "/bin:/usr/bin:/sbin:/usr/sbin", **(environment or {})})

    @contextlib.contextmanager
    def exporter(self, program, *flags):
        process = subprocess.Popen(self.command(program, "--web.listen-address=127.0.0.1:0", *flags), text=True,
                                   stderr=subprocess.PIPE, env={"PATH": "/bin:/usr/bin:/sbin:/usr/sbin"})
        try:
            yield RunningExporter(process)
        finally:
            process.send_signal(signal.SIGKILL)  # with --kill-child, all that it has started
            process.wait()
            process.stderr.close()


class RunningExporter:
    def __init__(self, process):
        self.process = process
        log = ""
        for line in process.stderr:
            log += line
            if found := re.search(r"listening on \S*:(\d+)", line):
                self.port = int(found.group(1))
                return
        raise AssertionError(f"the exporter has not started: {log}")

    def processes(self):
        """The process IDs by name, of those that have been started."""
        found, waiting = {}, [self.process.pid]
        while waiting:
            pid = waiting.pop()
            for task in os.listdir(f"/proc/{pid}/task"):
                waiting += pathlib.Path(f"/proc/{pid}/task/{task}/children").read_text().split()
            found[pathlib.Path(f"/proc/{pid}/comm").read_text().strip()] = pid
        found.pop("unshare", None)
        return found
