#!/usr/bin/env python3
"""The JSON of the live page: the same values as /metrics, recent values of what changes, and the doctor's findings.

  live_test.py EXPORTER
"""
import json
import re
import subprocess
import sys
import time
import unittest

from exporter_process import RIGS, Exporter, RigCopy, rig_flags, wait_until
from instrumentation import is_own

PROGRAM = None
# What changes by itself on a machine that does not.
CHANGING = re.compile(r"rig_gpu_(?:sample_age_seconds|energy_joules_total|busy_seconds_total|throttle_seconds_total"
                      r"|read_errors_total|suspended_seconds_total|host_limited_seconds_total)$")


def escaped(text):
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def lines_of(live):
    """The families as lines of the text format, with the digits of the JSON."""
    lines = []
    for name, samples in live["families"].items():
        for labels, value in samples:
            text = ",".join(f'{label}="{escaped(of)}"' for label, of in labels.items())
            lines.append(f"{name}{{{text}}} {value}" if labels else f"{name} {value}")
    return lines


def comparable(lines):
    return [line for line in lines
            if line and not line.startswith("#") and not is_own(line)
            and not CHANGING.match(re.match(r"\w+", line).group())]


def with_digits(body):
    return json.loads(body, parse_float=str, parse_int=str)


def live_of(exporter):
    status, _, body = exporter.get("/api/v1/live")
    assert status == 200, body
    return json.loads(body)


def history_of(exporter, query=""):
    status, _, body = exporter.get("/api/v1/history" + query)
    assert status == 200, body
    return json.loads(body)


def series_of(history, metric):
    return [series for series in history["series"] if series["metric"] == metric]


def findings_of(exporter):
    """Waits until they have been determined."""
    wait_until(lambda: "findings_time" in live_of(exporter), 20, "findings")
    return live_of(exporter)["findings"]


class Live(unittest.TestCase):
    def test_values_equal_those_of_metrics(self):
        for rig in ("rx6800x2-raid0", "rx6800x2-raid0-busy", "rx6800x2-raid0-dead", "mi300x", "raid-zoo", "steam-deck",
                    "cpu-hybrid", "md-5.10-raid1-rebuilding", "rx6800x2-broken-files", "no-gpu-no-raid"):
            with self.subTest(rig), Exporter(PROGRAM, *rig_flags(RIGS / rig)) as exporter:
                exporter.wait_ready()
                text = exporter.get()[2]
                live = with_digits(exporter.get("/api/v1/live")[2])
                expected = comparable(text.splitlines())
                self.assertGreater(len(expected), 20)
                self.assertEqual(comparable(lines_of(live)), expected)
                names = [line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")]
                for name in names:
                    self.assertTrue(name in live["families"] or f"{name}_bucket" in live["families"], name)
                failed = {labels["collector"] for labels, value in live["families"]["rig_collector_success"]
                          if value == "0"}
                self.assertEqual({problem["collector"] for problem in live["problems"]}, failed)

    def test_it_says_which_exporter_and_when(self):
        with Exporter(PROGRAM, "--web.telemetry-path=/m", *rig_flags(RIGS / "vm-small")) as exporter:
            live = live_of(exporter)
            self.assertLess(abs(live["time"] - time.time()), 2)
            self.assertLess(abs(live["exporter"]["started"] - time.time()), 60)
            self.assertEqual(live["exporter"]["telemetry_path"], "/m")
            version = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True, check=True).stdout
            self.assertIn(f"{live['exporter']['version']} ({live['exporter']['revision']})", version)

    def test_findings_are_the_problems_and_notes_of_the_doctor(self):
        for rig, expected in (("rx6800x2-raid0-dead", "does not serve reads and writes"), ("rx6800x2-raid0", None)):
            flags = rig_flags(RIGS / rig)
            with self.subTest(rig), Exporter(PROGRAM, *flags) as exporter:
                exporter.wait_ready()
                findings = findings_of(exporter)
                doctor = subprocess.run([PROGRAM, "doctor", "--web.listen-address=:0", *flags], capture_output=True,
                                        text=True, check=False).stdout
                reported = " ".join(doctor[:doctor.index("\nOK\n")].split())
                self.assertEqual(len(findings), len(re.findall(r"^  \w+: ", doctor[:doctor.index("\nOK\n")], re.M)))
                for finding in findings:
                    self.assertIn(f"{finding['subject']}: {finding['what']}", reported)
                    self.assertIn(finding["advice"], reported)
                problems = [finding["what"] for finding in findings if finding["level"] == "problem"]
                self.assertEqual(len(problems), 1 if expected else 0)
                self.assertIn(expected or "", problems[0] if problems else "")

    def test_a_file_that_hangs_delays_neither_the_response_nor_the_findings(self):
        with RigCopy("rx6800x2-raid0") as rig:
            fifo = rig.make_fifo("proc/mdstat")
            with Exporter(PROGRAM, "--scrape.timeout=1s", *rig_flags(rig.path)) as exporter:
                start = time.monotonic()
                live = live_of(exporter)
                self.assertLess(time.monotonic() - start, 5)
                self.assertIn("raid", [problem["collector"] for problem in live["problems"]])
                self.assertIn("rig_memory_total_bytes", live["families"])
                self.assertIn("problem", [finding["level"] for finding in findings_of(exporter)])
                rig.release(fifo)

    def test_without_the_page_there_is_neither_its_json_nor_a_history(self):
        with Exporter(PROGRAM, "--web.no-page", *rig_flags(RIGS / "vm-small")) as exporter:
            for path in ("/api/v1/live", "/api/v1/history"):
                self.assertEqual(exporter.get(path)[0], 404)
            status, _, page = exporter.get("/")
            self.assertEqual(status, 200)
            self.assertIn('<a href="/metrics">', page)
            self.assertEqual(exporter.get()[0], 200)


class History(unittest.TestCase):
    def test_the_gpus_have_recent_values_at_the_first_view(self):
        for rig, gpus in (("rx6800x2-raid0", 2), ("mi300x", 2)):
            with self.subTest(rig), Exporter(PROGRAM, *rig_flags(RIGS / rig)) as exporter:
                start = time.time()
                time.sleep(5)
                history = history_of(exporter)
                self.assertLess(abs(history["time"] - time.time()), 2)
                self.assertTrue(all(series["metric"].startswith("rig_gpu_") for series in history["series"]))
                self.assertEqual(len(series_of(history, "rig_gpu_power_watts")), gpus)
                samples = exporter.scrape()
                for series in history["series"]:
                    labels = ",".join(f'{name}="{value}"' for name, value in series["labels"].items())
                    value = samples[f"{series['metric']}{{{labels}}}"]
                    self.assertEqual(set(series["values"]), {value}, series)
                    times = series["times"]
                    self.assertEqual(len(times), len(series["values"]))
                    self.assertGreaterEqual(len(times), 3)
                    self.assertEqual(times, sorted(set(times)))
                    self.assertTrue(start - 2 < times[0] and times[-1] <= history["time"])

    def test_all_else_is_recorded_when_something_collects_it(self):
        for rig, metrics in (("md-5.10-raid1-rebuilding",
                              ["rig_raid_sync_progress_ratio", "rig_raid_sync_speed_bytes_per_second"]),
                             ("cpu-hybrid", ["rig_cpu_seconds_total", "rig_pressure_seconds_total"]),
                             ("rx6800x2-raid0-busy", ["rig_memory_available_bytes", "rig_disk_read_bytes_total",
                                                      "rig_disk_written_bytes_total", "rig_disk_io_seconds_total"])):
            with self.subTest(rig), Exporter(PROGRAM, "--no-collector.gpu", *rig_flags(RIGS / rig)) as exporter:
                self.assertEqual(history_of(exporter)["series"], [])
                samples = exporter.scrape()
                history = history_of(exporter)
                for metric in metrics:
                    self.assertTrue(series_of(history, metric), metric)
                    for series in series_of(history, metric):
                        self.assertEqual(len(series["values"]), 1)
                        self.assertAlmostEqual(series["values"][0], self.exported(samples, series), 3)

    @staticmethod
    def exported(samples, series):
        """The value of /metrics, summed over all CPUs."""
        labels = [f'{name}="{value}"' for name, value in series["labels"].items() if (name, value) != ("cpu", "all")]
        return sum(value for sample, value in samples.items()
                   if sample.split("{")[0] == series["metric"] and all(label in sample for label in labels))

    def test_a_value_that_cannot_be_read_any_more_is_a_gap(self):
        with RigCopy("rx6800x2-raid0") as rig, Exporter(PROGRAM, *rig_flags(rig.path)) as exporter:
            def power():
                return [series["times"][-1] for series in series_of(history_of(exporter), "rig_gpu_power_watts")]
            wait_until(lambda: len(power()) == 2, 20, "powers")
            for file in rig.path.glob("sys/class/drm/card*/device/hwmon/hwmon*/power1_*"):
                file.unlink()
            for file in rig.path.glob("sys/class/drm/card*/device/gpu_metrics"):
                file.unlink()
            time.sleep(2)
            last = power()
            time.sleep(2)
            self.assertEqual(power(), last)
            edge = series_of(history_of(exporter), "rig_gpu_temperature_celsius")[0]
            self.assertGreater(edge["times"][-1], max(last) + 1)

    def test_a_client_that_follows_gets_each_point_once(self):
        with Exporter(PROGRAM, *rig_flags(RIGS / "rx6800x2-raid0")) as exporter:
            seen = []
            query = ""
            for _ in range(12):
                for series in series_of(history_of(exporter, query), "rig_gpu_power_watts"):
                    if series["labels"]["gpu"] == "0":
                        seen += series["times"]
                query = f"?since={seen[-1]}" if seen else ""
                time.sleep(0.4)
            self.assertGreaterEqual(len(seen), 3)
            self.assertTrue(all(later - time_ > 0.7 for time_, later in zip(seen, seen[1:])), seen)

    def test_an_invalid_time_is_refused_and_requests_are_counted_by_path(self):
        with Exporter(PROGRAM, *rig_flags(RIGS / "vm-small")) as exporter:
            for query in ("?since=yesterday", "?since=", "?since=-5", "?until=3"):
                status, _, body = exporter.get("/api/v1/history" + query)
                self.assertEqual((status, body.count("\n")), (400, 1), query)
            live_of(exporter)
            handlers = {re.search('handler="([^"]*)"', series).group(1) for series in exporter.scrape()
                        if series.startswith("rig_exporter_http_requests_total")}
            self.assertEqual(handlers, {"/api/v1/history", "/api/v1/live"})


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main(verbosity=2)
