"""Runs a real Prometheus for a test and queries it."""
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]


def program(name):
    """The path of a program: an installed one, or the one that tests/run downloaded. Without it the test is skipped."""
    downloaded = ROOT / "build" / "prometheus" / "usr" / "bin"
    found = shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), str(downloaded)]))
    if not found:
        print(f"{name} is not installed, and tests/run did not download it")
        sys.exit(77)
    return found


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Prometheus:
    """Scrapes every second. targets: {instance: address}; clusters: {instance: its cluster}; options: of all targets, such
    as their basic_auth or another scrape_interval."""

    def __init__(self, targets, rule_files=(), evaluation_interval="1s", clusters=None, **options):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="rig_prometheus."))
        self.process = None
        config = {  # JSON is valid YAML
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s",
                       "evaluation_interval": evaluation_interval},
            "rule_files": [str(path) for path in rule_files],
            "scrape_configs": [{
                "job_name": "rig_exporter",
                **options,
                "static_configs": [{"targets": [address], "labels": {"instance": instance, "cluster": (clusters or {}).get(instance, "")}}
                                   for instance, address in targets.items()],
            }],
        }
        (self.directory / "prometheus.yml").write_text(json.dumps(config))
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def _start(self):
        server = program("prometheus")
        for _ in range(5):  # another program may take the free port in between
            port = free_port()
            self.url = f"http://127.0.0.1:{port}"
            with open(self.directory / "log", "w") as log:
                self.process = subprocess.Popen(
                    [server, f"--config.file={self.directory}/prometheus.yml", f"--web.listen-address=127.0.0.1:{port}",
                     *self.storage_flags()],
                    cwd=self.directory, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
            end = time.monotonic() + 60
            while self.process.poll() is None and time.monotonic() < end:
                try:
                    urllib.request.urlopen(f"{self.url}/-/ready", timeout=5).close()
                    return
                except OSError:
                    time.sleep(0.1)
            self._end()
        raise RuntimeError("Prometheus did not start:\n" + (self.directory / "log").read_text())

    def storage_flags(self):
        return [f"--storage.tsdb.path={self.directory}/data"]

    def _end(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def stop(self):
        self._end()
        shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def get(self, path, **parameters):
        query = urllib.parse.urlencode(parameters, doseq=True)
        try:
            with urllib.request.urlopen(f"{self.url}/api/v1/{path}?{query}", timeout=60) as response:
                body = json.load(response)
        except urllib.error.HTTPError as error:
            body = json.load(error)
        if body["status"] != "success":
            raise ValueError(body.get("error"))
        return body["data"]

    def query(self, expression):
        """The series of an instant query: [(labels, value)]."""
        return [(series["metric"], float(series["value"][1])) for series in self.get("query", query=expression)["result"]]

    def query_range(self, expression, seconds):
        now = time.time()
        return self.get("query_range", query=expression, start=now - seconds, end=now, step=1)["result"]

    def wait_for_scrapes(self, instances, count, seconds=90):
        """Waits until each instance was scraped at least `count` times."""
        end = time.monotonic() + seconds
        while True:
            done = {labels["instance"]: value for labels, value in self.query("count_over_time(up[10m])")}
            if all(done.get(instance, 0) >= count for instance in instances):
                return
            if time.monotonic() > end:
                raise AssertionError(f"{count} scrapes of each target expected within {seconds} s, got {done}")
            time.sleep(0.2)
