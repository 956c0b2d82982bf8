#!/usr/bin/env python3
"""What TLS, a password and new connections add to a scrape, and what a live page that is open costs.

  web_cost.py EXPORTER [--rig NAME] [--scrapes N] [--rounds N]

The variants are measured alternately, as the speed of a machine varies over time; the results are medians of the rounds.
"""
import argparse
import base64
import contextlib
import gzip
import http.client
import pathlib
import ssl
import statistics
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "integration"))
from certificates import Certificates  # noqa: E402
from exporter_process import RIGS, Exporter, rig_flags  # noqa: E402
from scrape_cost import cpu_seconds  # noqa: E402

PASSWORD = "secret"
# bcrypt of PASSWORD, with a cost of 10.
HASH = "$2b$10$abcdefghijklmnopqrstuuqflPDzB6gcMhKa1rZqKiun2YGL5sa2u"


class Server:
    """An exporter, and how a client connects to it."""

    def __init__(self, program, rig, directory, tls, password):
        config = ""
        if tls:
            config += (f"tls_server_config: {{cert_file: {directory}/server.crt, key_file: {directory}/server.key}}\n")
        if password:
            config += f"basic_auth_users: {{prometheus: {HASH}}}\n"
        file = pathlib.Path(directory, f"web-{tls}-{password}.yml")
        file.write_text(config)
        self.headers = {"Accept-Encoding": "gzip"}
        if password:
            self.headers["Authorization"] = "Basic " + base64.b64encode(f"prometheus:{PASSWORD}".encode()).decode()
        self.tls = ssl.create_default_context(cafile=f"{directory}/ca.crt") if tls else None
        self.exporter = Exporter(program, *([f"--web.config.file={file}"] if config else []), *rig_flags(rig))
        self.pid = self.exporter.pid
        while self.get(self.connect(), "/-/ready")[0] != 200:
            time.sleep(0.1)

    def connect(self):
        if self.tls:
            return http.client.HTTPSConnection(self.exporter.address, timeout=30, context=self.tls)
        return http.client.HTTPConnection(self.exporter.address, timeout=30)

    def get(self, connection, path):
        connection.request("GET", path, headers=self.headers)
        response = connection.getresponse()
        return response.status, response.read()

    def scrape(self, connection):
        status, body = self.get(connection, "/metrics")
        assert status == 200 and body, status

    def milliseconds_per_scrape(self, scrapes, keep_alive):
        shared = self.connect()
        self.scrape(shared)
        before = cpu_seconds(self.pid)
        for _ in range(scrapes):
            if keep_alive:
                self.scrape(shared)
            else:
                with contextlib.closing(self.connect()) as connection:
                    self.scrape(connection)
        return (cpu_seconds(self.pid) - before) / scrapes * 1e3


def memory(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:")) / 1024


def watch_page(server, seconds):
    """Requests what the page requests, as often: see src/web/page."""
    connection = server.connect()
    server.get(connection, "/")
    server.get(connection, "/api/v1/history")
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        server.get(connection, "/api/v1/live")
        time.sleep(2)


def page_costs(server, seconds):
    closed = cpu_seconds(server.pid)
    time.sleep(seconds)
    opened = cpu_seconds(server.pid)
    memory_closed = memory(server.pid)
    watch_page(server, seconds)
    print(f"page closed: {(opened - closed) / seconds * 1e3:.2f} ms CPU per second, {memory_closed:.1f} MiB; page open: "
          f"{(cpu_seconds(server.pid) - opened) / seconds * 1e3:.2f} ms CPU per second, {memory(server.pid):.1f} MiB")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("exporter")
    parser.add_argument("--rig", default="rx6800x2-raid0")
    parser.add_argument("--scrapes", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--page-seconds", type=int, default=30)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory, contextlib.ExitStack() as stack:
        Certificates(directory).make("server")
        servers = {}
        for name, tls, password in (("plain", False, False), ("password", False, True), ("TLS", True, False),
                                    ("TLS and password", True, True)):
            servers[name] = Server(options.exporter, RIGS / options.rig, directory, tls, password)
            stack.callback(servers[name].exporter.stop)
        variants = [(name, keep_alive) for keep_alive in (True, False) for name in servers]
        cost = {variant: [] for variant in variants}
        for _ in range(options.rounds):
            for name, keep_alive in variants:
                cost[name, keep_alive].append(servers[name].milliseconds_per_scrape(options.scrapes, keep_alive))
        base = statistics.median(cost["plain", True])
        for (name, keep_alive), values in cost.items():
            milliseconds = statistics.median(values)
            print(f"{name}, {'one connection' if keep_alive else 'new connections'}: {milliseconds:.3f} ms CPU per scrape, "
                  f"{milliseconds / base:.2f} times that of plain")
        _, page = servers["plain"].get(servers["plain"].connect(), "/")
        print(f"page: {len(page)} bytes compressed, {len(gzip.decompress(page))} bytes; program: "
              f"{pathlib.Path(options.exporter).stat().st_size / 2**20:.2f} MiB")
        page_costs(servers["plain"], options.page_seconds)


if __name__ == "__main__":
    main()
