"""Runs an exporter whose log is not read, and pipes that are full."""
import http.client
import os
import select
import signal
import socket
import subprocess
import time

from exporter_process import RIGS, parse_samples, rig_flags, wait_until

RIG = RIGS / "rx6800x2-raid0"


def free_port():
    with socket.socket() as any_port:
        any_port.bind(("127.0.0.1", 0))
        return any_port.getsockname()[1]


def end(process):
    if process.poll() is None:
        process.kill()
        process.wait()


class Quiet:
    """An exporter whose log this program does not read. `wrap` makes the command line that starts it."""

    def __init__(self, program, *flags, wrap=lambda *command: list(command), **streams):
        self.port = free_port()
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, **streams}
        self.process = subprocess.Popen(
            wrap(program, f"--web.listen-address=127.0.0.1:{self.port}", *rig_flags(RIG), *flags), **streams)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        end(self.process)

    def get(self, path="/metrics"):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def scrape(self):
        status, body = self.get()
        assert status == 200, (status, body)
        return parse_samples(body)

    def is_ready(self):
        if self.process.poll() is not None:
            raise AssertionError(f"the exporter exited with status {self.process.returncode}")
        try:
            return self.get("/-/ready")[0] == 200
        except OSError:
            return False

    def wait_ready(self):
        wait_until(self.is_ready, 20, "the exporter to be ready")

    def terminate(self):
        """Its exit status, and how many seconds it took."""
        start = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20), time.monotonic() - start


def full_pipe():
    """A pipe that takes no more bytes, as two descriptors."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    for size in (4096, 1):
        try:
            while os.write(writer, b"x" * size):
                pass
        except BlockingIOError:
            pass
    os.set_blocking(writer, True)
    return reader, writer


def full_socket():
    """A socket as journald provides it, which takes no more bytes, as two descriptors."""
    reader, writer = socket.socketpair()
    writer.setblocking(False)
    for size in (4096, 1):
        try:
            while writer.send(b"x" * size):
                pass
        except BlockingIOError:
            pass
    writer.setblocking(True)
    return reader.detach(), writer.detach()


def read_available(reader, seconds):
    """What arrives until nothing has for that time, without what full_pipe() wrote."""
    text = b""
    while select.select([reader], [], [], seconds)[0]:
        part = os.read(reader, 65536)
        if not part:
            break
        text += part
    return text.lstrip(b"x").decode().splitlines()
