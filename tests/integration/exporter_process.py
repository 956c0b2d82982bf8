"""Runs the built exporter for a test and queries it."""
import http.client
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time

RIGS = pathlib.Path(__file__).resolve().parent.parent / "rigs"


def rig_flags(rig):
    """The flags that make the exporter read a machine stored in a directory."""
    rig = pathlib.Path(rig)
    return [f"--path.procfs={rig / 'proc'}", f"--path.sysfs={rig / 'sys'}", f"--path.rootfs={rig}"]


def is_sanitized(program):
    """Whether it was built with the address or thread sanitizer, with which everything takes several times longer."""
    return re.search(rb"__[at]san_init", pathlib.Path(program).read_bytes()) is not None


class RigCopy:
    """A copy of a rig that a test may modify."""

    def __init__(self, name):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="rig_copy."))
        self.path = self.directory / name
        shutil.copytree(RIGS / name, self.path, symlinks=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.directory, ignore_errors=True)

    def make_fifo(self, name):
        """Replaces a file by a FIFO: opening it for reading hangs until release()."""
        fifo = (self.path / name).resolve()
        fifo.unlink()
        os.mkfifo(fifo)
        return fifo

    @staticmethod
    def release(fifo, text=""):
        """Replaces a FIFO by a file, and passes the text to a reader that hangs on the FIFO."""
        aside = fifo.with_name(fifo.name + ".released")
        fifo.rename(aside)
        fifo.write_text(text)
        try:
            descriptor = os.open(aside, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:  # it has no reader
            aside.unlink()
            return
        os.write(descriptor, text.encode())
        os.close(descriptor)
        aside.unlink()


class Exporter:
    """`program` may be a command line that finally executes the exporter in the same process, as unshare does."""

    def __init__(self, program, *flags, environment=None):
        command = [program] if isinstance(program, str) else program
        self.process = subprocess.Popen(
            [*command, "--web.listen-address=127.0.0.1:0", *flags],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            env=environment)
        self.log = []
        self._listening = threading.Event()
        self.address = None
        self._reader = threading.Thread(target=self._read_log, daemon=True)
        self._reader.start()
        if not self._listening.wait(20) or not self.address:
            self._end()
            raise RuntimeError("the exporter did not start:\n" + "".join(self.log))

    def _read_log(self):
        for line in self.process.stderr:
            self.log.append(line)
            found = re.search(r"listening on (127\.0\.0\.1:\d+)", line)
            if found:
                self.address = found.group(1)
                self._listening.set()
        self._listening.set()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    @property
    def pid(self):
        return self.process.pid

    def stop(self):
        """Terminates it as a service manager would; returns how many seconds that took.

        Its exit status has to be 0: sanitizers report errors there and in the log.
        """
        killed_before = self.process.poll() == -signal.SIGKILL
        status, seconds = self._end()
        if status != 0 and not killed_before:
            raise AssertionError(f"the exporter exited with status {status}:\n" + "".join(self.log))
        return seconds

    def _end(self):
        start = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        took = time.monotonic() - start
        self._reader.join(5)
        self.process.stderr.close()
        return self.process.returncode, took

    def get(self, path="/metrics", timeout=60, **headers):
        """Status, headers and body of a response."""
        connection = http.client.HTTPConnection(self.address, timeout=timeout)
        try:
            connection.request("GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()})
            response = connection.getresponse()
            return response.status, dict(response.getheaders()), response.read().decode()
        finally:
            connection.close()

    def scrape(self, timeout_seconds=None):
        """The samples of one scrape: {'name{labels}': value}."""
        headers = {}
        if timeout_seconds is not None:
            headers["X_Prometheus_Scrape_Timeout_Seconds"] = str(timeout_seconds)
        status, _, body = self.get(**headers)
        assert status == 200, (status, body)
        return parse_samples(body)

    def wait_ready(self, seconds=20):
        wait_until(lambda: self.get("/-/ready")[0] == 200, seconds, "the exporter to be ready")

    def threads(self):
        return len(os.listdir(f"/proc/{self.pid}/task"))

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def children(self):
        """The PIDs of its child processes."""
        found = []
        for entry in os.listdir("/proc"):
            if not entry.isdigit():
                continue
            try:
                stat = pathlib.Path(f"/proc/{entry}/stat").read_text()
            except OSError:
                continue
            if int(stat.rsplit(")", 1)[1].split()[1]) == self.pid:
                found.append(int(entry))
        return found


def has_exited(pid):
    """True also for a zombie: the init process of a container may never reap it."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


def parse_samples(text):
    samples = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            series, value = line.rsplit(" ", 1)
            samples[series] = float(value)
    return samples


def wait_until(condition, seconds, what):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"timed out after {seconds} s waiting for {what}")
        time.sleep(0.05)
