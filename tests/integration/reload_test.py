#!/usr/bin/env python3
"""The configuration is reloaded at run time, by SIGHUP and by POST to /-/reload, without losing anything.

  reload_test.py EXPORTER
"""
import http.client
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from exporter_process import RIGS, Exporter, RigCopy, is_sanitized, rig_flags, wait_until

PROGRAM = None
SUCCESSFUL = "rig_exporter_config_last_reload_successful"
TIME = "rig_exporter_config_last_reload_timestamp_seconds"
ENERGY = 'rig_gpu_energy_joules_total{gpu="0",pci_address="0000:03:00.0"}'


def send(exporter, method="POST", path="/-/reload", **headers):
    connection = http.client.HTTPConnection(exporter.address, timeout=30)
    try:
        connection.request(method, path, headers={k.replace("_", "-"): v for k, v in headers.items()})
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read().decode()
    finally:
        connection.close()


def collectors(samples):
    return {series.split('"')[1] for series in samples if series.startswith("rig_collector_success")}


class Reload(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory(prefix="reload_test.")
        self.addCleanup(self.directory.cleanup)
        self.file = pathlib.Path(self.directory.name) / "rig.yml"
        self.file.write_text("log: {level: info}\n")

    def start(self, *flags, rig=RIGS / "rx6800x2-raid0", program=None):
        exporter = Exporter(program or PROGRAM, *rig_flags(rig), f"--config.file={self.file}", *flags)
        self.addCleanup(exporter.stop)
        exporter.wait_ready()
        return exporter

    def hang_up(self, exporter, expected):
        """Sends SIGHUP and waits for a line of the log."""
        lines = len(exporter.log)
        exporter.process.send_signal(signal.SIGHUP)
        wait_until(lambda: any(expected in line for line in exporter.log[lines:]), 20, expected)
        return "".join(exporter.log[lines:])

    def test_sighup_applies_a_valid_file(self):
        exporter = self.start()
        before = exporter.scrape()
        self.assertEqual(before[SUCCESSFUL], 1)
        self.file.write_text("collector: {disk: false, cpu: {per-core: false}}\n")
        self.hang_up(exporter, "configuration reloaded")
        after = exporter.scrape()
        self.assertEqual(collectors(before) - collectors(after), {"disk"})
        cpus = [{series.split('"')[1] for series in samples if series.startswith('rig_cpu_seconds_total{cpu="')}
                for samples in (before, after)]
        self.assertGreater(len(cpus[0]), 1)
        self.assertEqual(cpus[1], {"all"})
        self.assertEqual(after[SUCCESSFUL], 1)
        self.assertGreater(after[TIME], before[TIME])

    def test_an_invalid_file_is_reported_and_the_old_configuration_stays(self):
        exporter = self.start("--web.enable-lifecycle")
        before = exporter.scrape()
        self.file.write_text("collector: {disk: false}\nlog: {level: loud}\nunknown: 1\n")
        log = self.hang_up(exporter, "stays in effect")
        self.assertIn("log.level", log)
        self.assertIn("unknown", log)
        status, _, body = send(exporter)
        self.assertEqual(status, 500)
        self.assertEqual(len(body.splitlines()), 2, body)
        after = exporter.scrape()
        self.assertEqual(collectors(after), collectors(before))
        self.assertEqual((after[SUCCESSFUL], after[TIME]), (0, before[TIME]))
        self.file.unlink()
        self.assertEqual(send(exporter)[0], 500)
        self.file.write_text("")
        self.assertEqual(send(exporter)[0], 200)
        self.assertEqual(exporter.scrape()[SUCCESSFUL], 1)

    def test_a_setting_that_needs_a_restart_is_named_and_nothing_changes(self):
        exporter = self.start("--web.enable-lifecycle")
        self.file.write_text("web: {telemetry-path: /other, page: false}\ncollector: {disk: false}\n")
        status, _, body = send(exporter)
        self.assertEqual(status, 500)
        self.assertEqual([line.split()[0] for line in body.splitlines()], ["web.telemetry-path", "web.page"])
        self.assertIn("restart", body)
        self.assertIn("disk", collectors(exporter.scrape()))

    def test_the_path_exists_only_with_the_flag(self):
        exporter = self.start()
        status, _, body = send(exporter)
        self.assertEqual(status, 403)
        self.assertIn("--web.enable-lifecycle", body)
        self.assertFalse(any("reload" in line for line in exporter.log))

    def test_methods_and_pages_of_other_sites(self):
        exporter = self.start("--web.enable-lifecycle")
        for method in ("GET", "HEAD", "DELETE"):
            status, headers, _ = send(exporter, method)
            self.assertEqual((status, headers["Allow"]), (405, "POST, PUT"))
        self.assertEqual(send(exporter, "PUT")[0], 200)
        for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec_Fetch_Site": "cross-site"}):
            self.assertEqual(send(exporter, **headers)[0], 403, headers)
        self.assertEqual(send(exporter, Origin=f"http://{exporter.address}")[0], 200)

    def test_the_gpu_collector_continues_when_other_settings_change(self):
        exporter = self.start("--web.enable-lifecycle")
        wait_until(lambda: exporter.scrape().get(ENERGY, 0) > 0, 20, "energy to be counted")
        probes = exporter.children()
        energy = exporter.scrape()[ENERGY]
        for text in ("log: {level: debug}", "collector: {filesystem: {max: 3}}", "raid: {ignore: [md7]}", ""):
            self.file.write_text(text)
            self.assertEqual(send(exporter)[0], 200)
            samples = exporter.scrape()
            self.assertGreaterEqual(samples[ENERGY], energy)
            energy = samples[ENERGY]
        self.assertEqual(exporter.children(), probes)
        self.file.write_text("gpu: {processes: 3}")
        self.assertEqual(send(exporter)[0], 200)
        self.assertEqual(exporter.scrape()['rig_collector_success{collector="gpu"}'], 1)
        self.assertIn('rig_gpu_up{gpu="0",pci_address="0000:03:00.0"}', exporter.scrape())
        wait_until(lambda: len(exporter.children()) == 1 and exporter.children() != probes, 20, "another probe")

    def test_many_reloads_fail_no_scrape_and_leave_nothing_behind(self):
        exporter = self.start("--web.enable-lifecycle")
        texts = ["collector: {cpu: {per-core: false}}", "collector: {disk: false}", "raid: {ignore: [md7]}",
                 "scrape: {timeout: 9s}"]

        def reload(count):
            for i in range(count):
                self.file.write_text(texts[i % len(texts)])
                self.assertEqual(send(exporter)[0], 200)

        reload(8)
        exporter.scrape()
        time.sleep(0.5)
        before = exporter.threads(), exporter.descriptors(), exporter.scrape()["process_resident_memory_bytes"]
        failed, scrapes, done = [], [], threading.Event()

        def scrape():
            while not done.is_set():
                try:
                    samples = exporter.scrape()
                    scrapes.append(1)
                    failed.extend(name for name in ("gpu", "raid", "cpu", "memory")
                                  if samples.get(f'rig_collector_success{{collector="{name}"}}') != 1)
                except Exception as error:  # pylint: disable=broad-except
                    failed.append(repr(error))

        clients = [threading.Thread(target=scrape) for _ in range(4)]
        for client in clients:
            client.start()
        try:
            reload(40 if is_sanitized(PROGRAM) else 200)
        finally:
            done.set()
            for client in clients:
                client.join()
        self.assertEqual(failed, [])
        self.assertGreater(len(scrapes), 20)
        reload(len(texts))
        wait_until(lambda: exporter.threads() <= before[0] + 3 and exporter.descriptors() <= before[1] + 3, 20,
                   f"threads and descriptors as before: {before}, now {exporter.threads()}, {exporter.descriptors()}")
        if not is_sanitized(PROGRAM):
            self.assertLess(exporter.scrape()["process_resident_memory_bytes"], before[2] + 8 * 2**20)

    def test_a_collector_that_hangs_is_replaced_without_waiting(self):
        rig = RigCopy("rx6800x2-raid0")
        self.addCleanup(rig.__exit__)
        exporter = self.start("--web.enable-lifecycle", rig=rig.path)
        text = (rig.path / "proc/stat").read_text()
        fifo = rig.make_fifo("proc/stat")
        self.assertEqual(exporter.scrape(1)['rig_collector_success{collector="cpu"}'], 0)
        fifo.rename(fifo.with_name("still_hanging"))  # only the previous collector hangs on it
        fifo.write_text(text)
        self.file.write_text("collector: {cpu: {per-core: false}}")
        start = time.monotonic()
        self.assertEqual(send(exporter)[0], 200)
        self.assertLess(time.monotonic() - start, 2)
        self.assertEqual(exporter.scrape()['rig_collector_success{collector="cpu"}'], 1)
        self.assertLess(exporter.stop(), 2)

    def test_a_file_that_hangs_delays_neither_scrapes_nor_the_shutdown(self):
        exporter = self.start()
        self.file.unlink()
        os.mkfifo(self.file)
        exporter.process.send_signal(signal.SIGHUP)
        time.sleep(0.3)
        self.assertEqual(exporter.get()[0], 200)
        self.assertLess(exporter.stop(), 2)

    def test_a_file_that_hangs_is_reported(self):
        exporter = self.start("--web.enable-lifecycle")
        self.file.unlink()
        os.mkfifo(self.file)
        status, _, body = send(exporter)
        self.assertEqual(status, 500)
        self.assertIn(f"still reading {self.file}", body)
        self.assertEqual(exporter.scrape()[SUCCESSFUL], 0)
        self.assertLess(exporter.stop(), 2)

    def test_with_nohup_and_without_a_terminal_sighup_reloads(self):
        exporter = self.start(program=["nohup", PROGRAM])
        for _ in range(3):
            self.hang_up(exporter, "configuration reloaded")
        self.assertIsNone(exporter.process.poll())

    def test_sighup_during_the_start_and_the_shutdown_changes_nothing(self):
        def has_begun():
            status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
            blocked, threads = re.search(r"SigBlk:\s*(\w+)", status).group(1), re.search(r"Threads:\s*(\d+)", status).group(1)
            # A thread that waits for signals does not block them.
            return int(blocked, 16) & 1 << signal.SIGHUP - 1 or int(threads) > 1

        for delay in (0, 0.02, 0.05, 0.1, 0.2):
            process = subprocess.Popen([PROGRAM, *rig_flags(RIGS / "no-gpu-no-raid"), "--web.listen-address=127.0.0.1:0"],
                                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            # Before main has begun nothing can be done about a signal.
            wait_until(has_begun, 20, "main to block SIGHUP")
            time.sleep(delay)
            process.send_signal(signal.SIGHUP)
            time.sleep(0.3)
            process.send_signal(signal.SIGTERM)
            process.send_signal(signal.SIGHUP)
            _, log = process.communicate(timeout=20)
            self.assertEqual(process.returncode, 0, log)


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main(verbosity=2)
