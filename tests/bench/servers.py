"""Servers of metrics whose cost is measured: rig_exporter and Debian's node_exporter, on a rig or on this machine."""
import http.client
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

BENCH = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(BENCH), str(BENCH.parent / "integration")]
from exporter_process import RIGS, Exporter, is_sanitized, parse_samples, rig_flags  # noqa: E402,F401
from prometheus_process import free_port  # noqa: E402

NODE_EXPORTER = "prometheus-node-exporter"
# Those that read what rig_exporter's collectors read.
NODE_COLLECTORS = ("cpu", "cpufreq", "diskstats", "drm", "edac", "filesystem", "hwmon", "loadavg", "mdadm", "meminfo",
                   "meminfo_numa", "os", "pressure", "rapl", "stat", "thermal_zone", "uname", "vmstat")
REQUEST = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n"


def find_node_exporter(given=None):
    """The path of node_exporter: the given one, an installed one, or the one that tests/run downloaded."""
    downloaded = BENCH.parent.parent / "build/prometheus/usr/bin"
    return given or shutil.which(NODE_EXPORTER, path=os.pathsep.join([os.environ.get("PATH", ""), str(downloaded)]))


class Client:
    """A connection that is kept. Cheaper than http.client, because its cost is in the measured time."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=120)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def scrape(self):
        """Head and body of the response; a chunked body still has the lengths of the chunks."""
        self.socket.sendall(REQUEST)
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._receive()
        head, body = received.split(b"\r\n\r\n", 1)
        if not head.startswith(b"HTTP/1.1 200"):
            raise OSError(head.decode())
        found = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
        parts, length = [body], len(body)
        while length < int(found[1]) if found else not parts[-1].endswith(b"0\r\n\r\n"):
            parts.append(self._receive())
            length += len(parts[-1])
        return head, b"".join(parts)

    def _receive(self):
        part = self.socket.recv(1 << 20)
        if not part:
            raise OSError("the connection was closed")
        return part

    def close(self):
        self.socket.close()


def dechunked(body):
    parts = []
    while body:
        length, _, rest = body.partition(b"\r\n")
        parts.append(rest[:int(length, 16)])
        body = rest[int(length, 16) + 2:]
    return b"".join(parts)


class Server:
    """A process that answers on a port of this machine."""

    def __init__(self, command):
        self.port = free_port()
        self.began = time.perf_counter()
        self.process = subprocess.Popen([*command, f"--web.listen-address=127.0.0.1:{self.port}"], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.pid = self.process.pid

    def wait_answer(self, seconds=60):
        """How many seconds after its start it answered with status 200."""
        while True:
            try:
                client = Client(self.port)
                client.scrape()
                client.close()
                return time.perf_counter() - self.began
            except OSError:
                if self.process.poll() is not None or time.perf_counter() > self.began + seconds:
                    raise RuntimeError(f"{self.process.args[0]} did not answer") from None
                time.sleep(0.001)

    def wait_ready(self):
        """Until the GPUs have been read. node_exporter does not know this path."""
        for _ in range(300):
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            connection.request("GET", "/-/ready")
            status = connection.getresponse().status
            connection.close()
            if status != 503:
                return
            time.sleep(0.2)
        raise RuntimeError("the exporter did not become ready")

    def pids(self):
        """The process and its children, of which rig_exporter has one: the probe."""
        files = pathlib.Path(f"/proc/{self.pid}/task").glob("*/children")
        return [self.pid, *sorted(int(pid) for file in files for pid in file.read_text().split())]

    def samples(self):
        client = Client(self.port)
        head, body = client.scrape()
        client.close()
        return parse_samples((dechunked(body) if b"chunked" in head.lower() else body).decode())

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def rig_exporter_command(program, rig):
    """rig: its directory, or None for this machine."""
    return [program, *(rig_flags(rig) if rig else [])]


def node_exporter_command(program, rig):
    paths = [f"--path.udev.data={rig / 'run/udev/data'}", *rig_flags(rig)] if rig else []
    return [program, "--collector.disable-defaults", *(f"--collector.{name}" for name in NODE_COLLECTORS), *paths]


def check(samples, rig):
    """Ends the program if a collector failed or a part of a generated machine is missing; else returns the number of series.
    On this machine (None) collectors may fail."""
    wrong = [name for name, value in samples.items()
             if name.startswith(("rig_collector_success", "node_scrape_collector_success")) and value != 1]
    size = re.fullmatch(r"(\d+)-(\d+)-(\d+)", rig.name) if rig else None
    if size and "rig_raid_arrays" in samples:
        for part, expected in zip(("rig_gpu_up{", "rig_cpu_frequency_hertz{", "rig_raid_array_usable{"), map(int, size.groups())):
            found = sum(value > 0 for name, value in samples.items() if name.startswith(part))
            wrong += [f"{found} of {expected} {part[:-1]}"] if found != expected else []
    if rig and wrong:
        sys.exit(f"the machine is wrong: {', '.join(wrong)}")
    return len(samples)
