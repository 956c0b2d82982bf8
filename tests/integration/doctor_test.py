#!/usr/bin/env python3
"""rig_exporter doctor on whole machines: its output and its exit status.

  doctor_test.py EXPORTER
"""
import http.server
import subprocess
import sys
import threading
import time
import unittest

from exporter_process import RIGS, Exporter, RigCopy, rig_flags

PROGRAM = None


def doctor(rig, *flags):
    """Exit status and output; stderr must be empty."""
    result = subprocess.run([PROGRAM, "doctor", "--web.listen-address=:0", *rig_flags(rig), *flags],
                            capture_output=True, text=True, timeout=60)
    assert result.stderr == "", result.stderr
    return result.returncode, result.stdout


def joined(text):
    """The text without the line breaks that wrap it."""
    return " ".join(text.split())


class Rigs(unittest.TestCase):
    def test_a_healthy_rig_has_no_problems_and_lists_the_metrics_of_its_gpus(self):
        status, text = doctor(RIGS / "rx6800x2-raid0")
        self.assertEqual(status, 0)
        self.assertTrue(text.startswith("No problems found"), text)
        self.assertIn("GPU 1 (0000:06:00.0, AMD Radeon RX 6800, card1, renderD129) is awake and responds", joined(text))
        self.assertIn("md0 (raid0) is usable and complete", text)
        self.assertIn("METRICS OF GPU 0 (0000:03:00.0), GPU 1 (0000:06:00.0)", text)
        self.assertIn("Absent: rig_gpu_ecc_errors_total: ras/*_err_count and ras/aca_* do not exist", joined(text))
        self.assertLessEqual(max(map(len, text.splitlines())), 100)

    def test_a_machine_without_gpus_and_arrays_has_no_problems(self):
        status, text = doctor(RIGS / "no-gpu-no-raid")
        self.assertEqual(status, 0)
        self.assertIn("no AMD GPU", text)
        self.assertIn("0000:01:00.0 (vendor 0x10de)", text)
        self.assertIn("no md array", text)

    def test_a_failed_array_is_reported_first(self):
        status, text = doctor(RIGS / "rx6800x2-raid0-dead")
        self.assertEqual(status, 1)
        self.assertIn("PROBLEMS RAID: md0 (raid0) does not serve reads and writes: 1 disk is missing (removed: sdb).", joined(text))

    def test_the_documented_example_is_real_output(self):
        page = (RIGS.parent.parent / "docs/doctor.md").read_text()
        command, *example = page.split("```console\n$ rig=tests/rigs/")[1].split("```")[0].split("\n")
        _, text = doctor(RIGS / command)
        excerpts = "\n".join(example[1:]).split("...\n")
        self.assertEqual(len(excerpts), 4)
        position = 0
        for excerpt in excerpts:
            self.assertIn(excerpt, text[position:])
            position = text.index(excerpt, position) + len(excerpt)

    def test_a_suspended_gpu_is_not_a_problem(self):
        status, text = doctor(RIGS / "rx6800x2-one-suspended")
        self.assertEqual(status, 0)
        self.assertIn("GPU 1 (0000:06:00.0, AMD Radeon RX 6800, card1, renderD129) is suspended", joined(text))
        self.assertIn("the GPU is suspended and is not woken", joined(text))

    def test_each_malformed_file_is_reported(self):
        status, text = doctor(RIGS / "rx6800x2-broken-files")
        self.assertEqual(status, 1)
        self.assertIn('/0000:03:00.0/hwmon/hwmon2/power1_average: malformed: "garbage".', joined(text))
        self.assertIn("hwmon/*/power1_average and gpu_metrics have no value", joined(text))

    def test_an_instinct_has_metrics_that_a_radeon_lacks(self):
        status, text = doctor(RIGS / "mi300x")
        self.assertEqual(status, 0)
        self.assertNotIn("Absent: rig_gpu_ecc_errors_total", text)
        self.assertIn("Absent: rig_gpu_fan_rpm: hwmon/*/fan1_input does not exist",
                      joined(text))

    def test_gpus_of_other_vendors_and_a_gpu_without_kfd_node_are_reported(self):
        status, text = doctor(RIGS / "raven-and-navi")
        self.assertEqual(status, 0)
        self.assertIn("0000:01:00.0 (vendor 0x10de), 0000:0c:00.0 (vendor 0x8086)", joined(text))
        self.assertIn("0000:09:00.0 has no KFD node", text)


class Failures(unittest.TestCase):
    def test_a_gpu_whose_driver_hangs(self):
        with RigCopy("rx6800x2-raid0") as rig:
            fifo = rig.make_fifo("sys/class/drm/card0/device/gpu_busy_percent")
            start = time.monotonic()
            status, text = doctor(rig.path, "--scrape.timeout=5s", "--gpu.sample-interval=200ms")
            self.assertLess(time.monotonic() - start, 20)
            rig.release(fifo)
        self.assertEqual(status, 1)
        self.assertRegex(joined(text), r"GPU 0 \(0000:03:00\.0\): the driver does not respond")
        self.assertIn("GPU 1 (0000:06:00.0, AMD Radeon RX 6800, card1, renderD129) is awake and responds", joined(text))
        self.assertIn("rig_gpu_temperature_celsius", text)

    def test_a_probe_that_cannot_be_started(self):
        status, text = doctor(RIGS / "rx6800x2-raid0", "--gpu.probe=/bin/false")
        self.assertEqual(status, 1)
        self.assertIn("PROBLEMS GPUs: rig_gpu_probe", joined(text))
        self.assertIn('run "rig_gpu_probe --once"', joined(text))

    def test_a_disabled_collector(self):
        status, text = doctor(RIGS / "rx6800x2-raid0-dead", "--no-collector.raid")
        self.assertEqual(status, 0)
        self.assertIn("the raid collector is disabled", text)

    def test_an_unknown_flag_prints_one_line(self):
        result = subprocess.run([PROGRAM, "doctor", "--path.sysf=/sys"], capture_output=True, text=True, timeout=30)
        self.assertEqual(result.returncode, 2)
        self.assertIn("did you mean --path.sysfs?", result.stderr)
        self.assertEqual(result.stderr.count("\n"), 1)


class Addresses(unittest.TestCase):
    def test_a_running_exporter_is_not_a_problem(self):
        rig = RIGS / "no-gpu-no-raid"
        with Exporter(PROGRAM, *rig_flags(rig)) as exporter:
            status, text = doctor(rig, f"--web.listen-address={exporter.address}")
        self.assertEqual(status, 0)
        self.assertIn(f"an exporter is running on {exporter.address}", text)

    def test_another_program_at_the_address_is_a_problem(self):
        class Other(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_error(404)

            def log_message(self, *_):
                pass

        with http.server.HTTPServer(("127.0.0.1", 0), Other) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            status, text = doctor(RIGS / "no-gpu-no-raid", f"--web.listen-address=127.0.0.1:{server.server_port}")
            server.shutdown()
        self.assertEqual(status, 1)
        self.assertIn("choose another --web.listen-address", joined(text))


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main(verbosity=2)
