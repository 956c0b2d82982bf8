"""A well-behaved client that scrapes an exporter while a test's other clients misbehave.

  bystander.py ADDRESS    scrapes until its standard input ends, and prints its measurements as JSON
"""
import contextlib
import http.client
import json
import select
import subprocess
import sys
import time
import unittest

from exporter_process import RIGS, Exporter, is_sanitized, rig_flags, wait_until


def scrape_until_told_to_stop(address):
    """With new connections. It is a process of its own, not to wait for the misbehaving clients."""
    seconds, failures = [], []
    while not select.select([sys.stdin], [], [], 0.02)[0]:
        start = time.monotonic()
        connection = http.client.HTTPConnection(address, timeout=30)
        try:
            connection.request("GET", "/metrics")
            response = connection.getresponse()
            if response.status != 200 or not response.read():
                failures.append(response.status)
        except (OSError, http.client.HTTPException) as error:
            failures.append(repr(error))
        finally:
            connection.close()
        seconds.append(time.monotonic() - start)
    print(json.dumps({"seconds": seconds, "failures": failures}))


class ExporterWithBystander(unittest.TestCase):
    """Whatever some clients do, others get their responses, and nothing is left over."""

    PROGRAM = None

    def setUp(self):
        # Sanitizers keep freed memory, and that of threads looks at each descriptor of each poll(2).
        self.sanitized = is_sanitized(self.PROGRAM)
        self.exporter = Exporter(self.PROGRAM, *rig_flags(RIGS / "no-gpu-no-raid"))
        self.addCleanup(self.exporter.stop)
        self.exporter.wait_ready()
        for _ in range(5):
            self.exporter.scrape()
        self.descriptors, self.threads = self.exporter.descriptors(), self.exporter.threads()
        self.memory = self.resident_kib()

    def resident_kib(self):
        with open(f"/proc/{self.exporter.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))

    @contextlib.contextmanager
    def while_others_scrape(self, seconds=3.0):
        with subprocess.Popen([sys.executable, __file__, self.exporter.address], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True) as scraper:
            yield
            time.sleep(seconds)
            scraped = json.loads(scraper.communicate()[0])
        self.assertEqual(scraped["failures"], [])
        self.assertGreater(len(scraped["seconds"]), 1)
        longest = max(scraped["seconds"])
        self.assertLess(longest, 5)  # a busy machine; otherwise less than 0.2
        wait_until(lambda: self.exporter.descriptors() <= self.descriptors + 4, 60, "descriptors to be closed")
        # On a busy machine sources of collectors may be slow, and get a thread each; clients never do.
        self.assertLessEqual(self.exporter.threads(), self.threads + 24)
        memory = self.resident_kib()
        print(f"\n  {len(scraped['seconds'])} scrapes meanwhile, the longest took {longest * 1000:.0f} ms; memory "
              f"{self.memory} KiB before, {memory} KiB after", file=sys.stderr)
        if not self.sanitized:
            self.assertLess(memory, self.memory + 8192)


if __name__ == "__main__":
    scrape_until_told_to_stop(sys.argv[1])
