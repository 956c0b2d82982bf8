#!/usr/bin/env python3
"""A failure affects only the source that fails: the exporter on rigs with a hanging file or a killed probe.

  faults_test.py EXPORTER
"""
import contextlib
import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest

from exporter_process import Exporter, RigCopy, has_exited, is_sanitized, parse_samples, rig_flags, wait_until

PROGRAM = None
CARD0 = "sys/class/drm/card0/device"
FIRST = 'gpu="0",pci_address="0000:03:00.0"'
SECOND = 'gpu="1",pci_address="0000:06:00.0"'


def limit(seconds):
    """A time limit: sanitized programs take several times as long, and their tests run beside compilers."""
    return seconds * (5 if is_sanitized(PROGRAM) else 1)


def without_volatile(samples):
    """The series, except those about the exporter itself, which may appear during the failure."""
    return {series for series in samples if not series.startswith(("process_", "rig_exporter_"))}


class HangingFile(unittest.TestCase):
    def hang(self, rig_name, file):
        rig = RigCopy(rig_name)
        self.addCleanup(rig.__exit__)
        exporter = Exporter(PROGRAM, *rig_flags(rig.path))
        self.addCleanup(exporter.stop)
        exporter.wait_ready()
        healthy = exporter.scrape()
        text = (rig.path / file).read_text()
        fifo = rig.make_fifo(file)
        return rig, exporter, healthy, lambda: rig.release(fifo, text)

    def assert_steady(self, exporter):
        """Threads and descriptors do not accumulate while the file hangs."""
        exporter.scrape(1)
        threads, descriptors = exporter.threads(), exporter.descriptors()
        for _ in range(100):
            exporter.scrape(1)
        # A few threads may be new: for requests, and for tasks that take longer on a busy machine.
        self.assertLessEqual(exporter.threads(), threads + 5)
        self.assertLessEqual(exporter.descriptors(), descriptors + 6)

    def assert_stops_quickly(self, exporter):
        self.assertLess(exporter.stop(), limit(1))

    def test_a_hanging_gpu_file_affects_only_that_gpu(self):
        _, exporter, healthy, release = self.hang("rx6800x2-raid0", f"{CARD0}/gpu_busy_percent")
        up = f"rig_gpu_up{{{FIRST}}}"
        self.assertEqual(healthy[up], 1)
        wait_until(lambda: exporter.scrape(1)[up] == 0, 20, "the hanging GPU to be detected")
        samples = exporter.scrape(1)
        self.assertEqual(samples[f"rig_gpu_up{{{SECOND}}}"], 1)
        absent = without_volatile(healthy) - without_volatile(samples)
        self.assertTrue(absent)
        self.assertEqual([series for series in absent if 'gpu="0"' not in series], [])
        self.assertEqual(samples['rig_collector_success{collector="gpu"}'], 0)
        self.assertEqual(samples['rig_collector_success{collector="raid"}'], 1)
        self.assert_steady(exporter)
        release()
        wait_until(lambda: without_volatile(exporter.scrape(1)) >= without_volatile(healthy), 20,
                   "the GPU to recover")

    def test_with_a_hanging_mdstat_the_values_from_sysfs_remain(self):
        _, exporter, healthy, release = self.hang("raid-zoo", "proc/mdstat")
        start = time.monotonic()
        samples = exporter.scrape(limit(2))
        self.assertLess(time.monotonic() - start, limit(2))
        self.assertEqual(samples['rig_collector_success{collector="raid"}'], 0)
        states = {series for series in healthy if series.startswith("rig_raid_array_state")}
        self.assertTrue(states)
        self.assertEqual(states - set(samples), set())
        self.assertEqual(samples['rig_collector_success{collector="cpu"}'], 1)
        self.assert_steady(exporter)
        release()
        wait_until(lambda: without_volatile(exporter.scrape(2)) == without_volatile(healthy), 20,
                   "mdstat to be readable")

    def test_a_hanging_md_file_affects_only_that_array(self):
        _, exporter, healthy, release = self.hang("raid-zoo", "sys/block/md_raid5/md/array_state")
        start = time.monotonic()
        samples = exporter.scrape(2)
        self.assertLess(time.monotonic() - start, limit(2))
        absent = without_volatile(healthy) - without_volatile(samples)
        self.assertEqual([series for series in absent if 'array="md_raid5"' not in series], [])
        self.assertEqual(samples['rig_collector_success{collector="raid"}'], 0)
        self.assert_steady(exporter)
        release()
        wait_until(lambda: without_volatile(exporter.scrape(2)) == without_volatile(healthy), 20,
                   "the array to be complete")

    def test_it_stops_within_a_second_while_files_hang(self):
        _, exporter, _, _ = self.hang("raid-zoo", "proc/mdstat")
        exporter.scrape(1)
        self.assert_stops_quickly(exporter)

    def test_it_stops_within_a_second_while_a_gpu_hangs(self):
        _, exporter, _, _ = self.hang("rx6800x2-raid0", f"{CARD0}/gpu_busy_percent")
        wait_until(lambda: exporter.scrape(1)[f"rig_gpu_up{{{FIRST}}}"] == 0, 20, "the hanging GPU to be detected")
        probes = exporter.children()
        self.assert_stops_quickly(exporter)
        wait_until(lambda: all(has_exited(pid) for pid in probes), 5, "the probe to exit")

    def test_a_malformed_array_in_mdstat_affects_only_that_array(self):
        rig = RigCopy("raid-zoo")
        self.addCleanup(rig.__exit__)
        mdstat = rig.path / "proc/mdstat"
        text = mdstat.read_text()
        names = re.findall(r"^(md\w+) :", text, re.MULTILINE)
        victim = names[len(names) // 2]
        mdstat.write_text(re.sub(rf"^{victim} : .*$", f"{victim} : act{chr(7)} [[[ raid", text, flags=re.MULTILINE))
        # From mdstat only, so that sysfs does not replace what the parser missed.
        (rig.path / "sys/block").rename(rig.path / "sys/block-away")
        with Exporter(PROGRAM, *rig_flags(rig.path)) as exporter:
            samples = exporter.scrape()
        found = {match.group(1) for series in samples
                 if (match := re.match(r'rig_raid_array_info\{array="([^"]+)"', series))}
        self.assertEqual(set(names) - found - {victim}, set())
        self.assertEqual(samples['rig_collector_success{collector="raid"}'], 0)


class Namespaces(unittest.TestCase):
    """Removals of block devices are reported to the initial network namespace, also to user namespaces in it."""

    @staticmethod
    def removals_monitored(*namespace):
        output = subprocess.run([*namespace, PROGRAM, "--once", "--no-collector.gpu"], capture_output=True, text=True,
                                timeout=60, check=True).stdout
        return parse_samples(output)['rig_raid_events_monitored{event="member_removal"}']

    def setUp(self):
        if subprocess.run(["unshare", "-U", "-r", "-n", "true"], capture_output=True, check=False).returncode != 0:
            self.skipTest("cannot create a user and network namespace")
        if self.removals_monitored() == 0:
            self.skipTest("this machine's network namespace is not the initial one")

    def test_removals_are_counted_in_a_user_namespace_as_private_users_creates_it(self):
        self.assertEqual(self.removals_monitored("unshare", "-U", "-r"), 1)

    def test_it_is_visible_that_removals_are_not_counted(self):
        for namespace in (["unshare", "-U"], ["unshare", "-U", "-r", "-n"]):
            with self.subTest(namespace=namespace):
                self.assertEqual(self.removals_monitored(*namespace), 0)


class NoSpareThreads(unittest.TestCase):
    USER = 65534

    def setUp(self):
        if os.getuid() != 0 or shutil.which("setpriv") is None:
            self.skipTest("needs root and setpriv, to run the exporter as another user")

    def test_a_collector_without_spare_threads_answers_at_once_and_names_the_limit(self):
        rig = RigCopy("raid-zoo")
        self.addCleanup(rig.__exit__)
        for path in (rig.directory, *rig.directory.rglob("*")):
            if not path.is_symlink():
                os.chown(path, self.USER, self.USER)
        as_user = ["setpriv", f"--reuid={self.USER}", f"--regid={self.USER}", "--clear-groups"]
        try:
            exporter = Exporter([*as_user, PROGRAM], *rig_flags(rig.path), "--no-collector.gpu")
        except RuntimeError as error:
            self.skipTest(f"another user cannot run the exporter: {error}")
        self.addCleanup(exporter.stop)
        exporter.wait_ready()
        exporter.scrape()
        fifo = rig.make_fifo("sys/block/md_raid5/md/array_state")
        os.chmod(fifo, 0o666)
        self.addCleanup(rig.release, fifo)
        limit_threads = [*as_user, "prlimit", f"--pid={exporter.pid}"]
        subprocess.run([*limit_threads, "--nproc=1:"], check=True)
        # The address sanitizer needs a thread at the end.
        self.addCleanup(subprocess.run, [*limit_threads, "--nproc=4096:"], check=True)
        exporter.scrape(2)
        start = time.monotonic()
        samples = exporter.scrape(20)
        self.assertLess(time.monotonic() - start, limit(5))
        self.assertEqual(samples['rig_collector_success{collector="raid"}'], 0)
        self.assertEqual(samples['rig_collector_success{collector="cpu"}'], 1)
        self.assertTrue(any("cannot create a thread" in line and "RLIMIT_NPROC" in line for line in exporter.log),
                        exporter.log)


class ManyClients(unittest.TestCase):
    def test_it_stops_within_a_second_while_clients_connect_and_disconnect(self):
        with RigCopy("vm-small") as rig:
            exporter = Exporter(PROGRAM, *rig_flags(rig.path))
            host, port = exporter.address.split(":")

            def connect_repeatedly():
                while exporter.process.poll() is None:
                    with contextlib.suppress(OSError), socket.create_connection((host, int(port)), 1) as client:
                        client.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")

            clients = [threading.Thread(target=connect_repeatedly) for _ in range(3)]
            for client in clients:
                client.start()
            time.sleep(0.3)
            seconds = exporter.stop()
            for client in clients:
                client.join()
            self.assertLess(seconds, limit(1))


class KilledProbe(unittest.TestCase):
    def test_a_killed_probe_is_restarted_within_five_seconds_and_no_stale_values_are_exposed(self):
        with RigCopy("rx6800x2-raid0") as rig, Exporter(PROGRAM, *rig_flags(rig.path)) as exporter:
            exporter.wait_ready()
            power = f"rig_gpu_power_watts{{{FIRST}}}"
            self.assertIn(power, exporter.scrape())
            (probe,) = exporter.children()
            os.kill(probe, signal.SIGKILL)
            killed = time.monotonic()
            wait_until(lambda: power not in exporter.scrape(), 2, "the stale values to disappear")
            start = time.monotonic()
            samples = exporter.scrape()
            self.assertLess(time.monotonic() - start, limit(1))
            if power not in samples:  # the probe may have been restarted already
                self.assertEqual([s for s in samples if s.startswith("rig_gpu") and "pci_address" in s], [])
                self.assertEqual(samples['rig_collector_success{collector="gpu"}'], 0)
            self.assertIn('rig_collector_success{collector="cpu"}', samples)
            wait_until(lambda: power in exporter.scrape(), 5 - (time.monotonic() - killed), "the GPU metrics to return")
            self.assertEqual(exporter.scrape()["rig_gpu_probe_restarts_total"], 1)

    def stop_all(self, exporter):
        """As systemd does with KillMode=control-group; the probe ends first."""
        for pid in (*exporter.children(), exporter.pid):
            os.kill(pid, signal.SIGTERM)
        time.sleep(0.2)

    def assert_no_restart_logged(self, exporter):
        if not is_sanitized(PROGRAM):  # which may take longer to stop than the second that a restart is put off
            self.assertEqual([line for line in exporter.log if "restart" in line or "killed" in line], [])

    def test_no_restart_is_logged_while_exporter_and_probe_are_stopped_together(self):
        with RigCopy("rx6800x2-raid0") as rig:
            exporter = Exporter(PROGRAM, *rig_flags(rig.path))
            exporter.wait_ready()
            self.stop_all(exporter)
            self.assertLess(exporter.stop(), limit(1))
            self.assert_no_restart_logged(exporter)

    def test_no_restart_is_logged_while_a_response_delays_the_stop(self):
        with RigCopy("rx6800x2-raid0") as rig:
            fifo = rig.make_fifo("proc/mdstat")
            exporter = Exporter(PROGRAM, *rig_flags(rig.path))
            exporter.wait_ready()
            client = threading.Thread(target=self.try_scrape, args=(exporter,))
            client.start()
            time.sleep(0.2)
            self.stop_all(exporter)
            self.assertLess(exporter.stop(), limit(1))
            client.join()
            rig.release(fifo)
            self.assert_no_restart_logged(exporter)

    @staticmethod
    def try_scrape(exporter):
        with contextlib.suppress(OSError, AssertionError, http.client.HTTPException):
            exporter.scrape(5)

    def test_a_probe_that_only_is_terminated_is_restarted(self):
        with RigCopy("rx6800x2-raid0") as rig, Exporter(PROGRAM, *rig_flags(rig.path)) as exporter:
            exporter.wait_ready()
            (probe,) = exporter.children()
            os.kill(probe, signal.SIGTERM)
            wait_until(lambda: exporter.scrape()["rig_gpu_probe_restarts_total"] == 1, 5, "the restart")
            wait_until(lambda: any("was killed by SIGTERM; restarting" in line for line in exporter.log), 5, "the log")

    def test_a_probe_never_outlives_its_exporter(self):
        with RigCopy("rx6800x2-raid0") as rig, Exporter(PROGRAM, *rig_flags(rig.path)) as exporter:
            exporter.wait_ready()
            probes = exporter.children()
            self.assertEqual(len(probes), 1)
            exporter.process.kill()
            exporter.process.wait()
            wait_until(lambda: has_exited(probes[0]), 5, "the probe to exit")


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main(verbosity=2)
