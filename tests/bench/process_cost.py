"""What processes cost: CPU time, context switches, memory, system calls."""
import collections
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time

Switches = collections.namedtuple("Switches", "voluntary involuntary")
Memory = collections.namedtuple("Memory", "resident proportional private dirty")


def cpu_seconds(pids):
    """User and system time of processes, including threads that have ended, as clock_getcpuclockid(3) provides it: to the
    nanosecond, while /proc/PID/stat has ticks."""
    return sum(time.clock_gettime_ns((~pid << 3) | 2) for pid in pids) / 1e9


def context_switches(pids):
    """Of the threads that exist; the count of a thread that ends is lost."""
    totals = [0, 0]
    for pid in pids:
        for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
            text = (task / "status").read_text()
            for index, name in enumerate(("voluntary", "nonvoluntary")):
                totals[index] += int(re.search(rf"^{name}_ctxt_switches:\s+(\d+)", text, re.M)[1])
    return Switches(*totals)


def memory(pids):
    """In bytes. Of the proportional one (PSS), what several processes map is divided among them. Private memory is mapped by
    no other process; the part of it that is dirty has no copy in a file."""
    def total(*names):
        return 1024 * sum(int(re.search(rf"^{name}:\s+(\d+) kB", text, re.M)[1]) for text in texts for name in names)
    texts = [pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in pids]
    return Memory(total("Rss"), total("Pss"), total("Private_Clean", "Private_Dirty"), total("Private_Dirty"))


class Strace:
    """Traces the threads of a process while a with statement runs; afterwards `text` is strace's output."""

    def __init__(self, pid, *options):
        self.file = tempfile.NamedTemporaryFile("r")
        self.command = ["strace", "-f", "-q", *options, "-o", self.file.name, "-p", str(pid)]
        self.pid = pid
        self.text = None

    @staticmethod
    def problem():
        """Why it cannot be used, or None. Some kernels let users trace only their own children (Yama's ptrace_scope)."""
        if not shutil.which("strace"):
            return "strace is not installed"
        with subprocess.Popen(["sleep", "60"]) as process:
            try:
                with Strace(process.pid, "-c"):
                    return None
            except RuntimeError as error:
                return str(error)
            finally:
                process.kill()

    def _traced(self):
        tasks = list(pathlib.Path(f"/proc/{self.pid}/task").iterdir())
        return all("TracerPid:\t0\n" not in (task / "status").read_text() for task in tasks)

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stderr=subprocess.PIPE, text=True)
        end = time.monotonic() + 10
        while not self._traced():
            if self.process.poll() is not None or time.monotonic() > end:
                self.process.kill()
                raise RuntimeError(f"strace could not attach: {self.process.communicate()[1].strip()}")
            time.sleep(0.01)
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGINT)
        self.process.communicate()
        self.text = self.file.read()
        self.file.close()


def system_calls(text):
    """From the table of strace -c: {name: count}."""
    # % time, seconds, usecs/call, calls, errors (may be absent), syscall
    rows = re.findall(r"^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?(\w+)$", text, re.M)
    return {name: int(count) for count, name in rows if name != "total"}
