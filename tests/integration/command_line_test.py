#!/usr/bin/env python3
"""The command line of the exporter: its output, its errors, one per line, and exit status.

  command_line_test.py EXPORTER
"""
import gzip
import http.client
import json
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

from exporter_process import RIGS, Exporter, RigCopy, parse_samples, rig_flags, wait_until

PROGRAM = None


def run(*flags, **options):
    return subprocess.run([PROGRAM, *flags], capture_output=True, text=True, timeout=30, **options)


class Errors(unittest.TestCase):
    def assert_refused(self, *flags, message):
        result = run(*flags)
        self.assertEqual(result.returncode, 2)
        self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
        self.assertTrue(result.stderr.startswith("rig_exporter: "), result.stderr)
        self.assertIn(message, result.stderr)

    def test_an_unknown_flag(self):
        self.assert_refused("--web.listen-adress=:1", message="did you mean --web.listen-address?")

    def test_an_unknown_collector(self):
        self.assert_refused("--no-collector.gpus", message="did you mean --no-collector.gpu?")

    def test_a_value_that_contains_a_newline(self):
        self.assert_refused("--web.listen-address=127.0.0.1\n:1x", message="has no port from 0 to 65535")

    def test_a_flag_without_its_value(self):
        self.assert_refused("--web.listen-address", message="--web.listen-address")

    def test_an_unknown_key_in_the_configuration_file(self):
        with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
            file.write("web:\n  telemetry-pth: /m\n")
            file.flush()
            self.assert_refused("--config.check", f"--config.file={file.name}",
                                message=f'{file.name}:2:3: unknown setting "telemetry-pth"; did you mean telemetry-path?')

    def test_all_errors_of_flags_and_file_at_once_one_per_line(self):
        with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
            file.write("web:\n  telemetry-pth: /m\n  max-requests: many\nraid: {expect: [md0, 'a b', '*']}\n")
            file.flush()
            result = run("--onc", "--log.level=loud", f"--config.file={file.name}", "--gpu.processes=-1")
            self.assertEqual(result.returncode, 2)
            name = "is not the name of an array: write md0 or /dev/md/data"
            self.assertEqual(result.stderr.splitlines(), [f"rig_exporter: {line}" for line in (
                "unknown flag --onc; did you mean --once?",
                f'{file.name}:2:3: unknown setting "telemetry-pth"; did you mean telemetry-path?',
                f'{file.name}:3:17: web.max-requests: "many" is not valid: write a number from 1 to 1000',
                f'{file.name}:4:22: raid.expect: "a b" {name}',
                f'{file.name}:4:29: raid.expect: "*" {name}',
                '--gpu.processes: "-1" is not valid: write a number from 0 to 1000',
                '--log.level: unknown value "loud"; write one of debug, info, warn, error')])

    def test_a_file_of_another_kind_is_not_printed_in_full(self):
        with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
            file.write("".join(f"key{i}: 1\n" for i in range(1001)))
            file.flush()
            result = run("--config.check", f"--config.file={file.name}")
            self.assertEqual(result.returncode, 2)
            lines = result.stderr.splitlines()
            self.assertEqual(len(lines), 51)
            self.assertEqual(lines[-1], "rig_exporter: and 951 more errors")
        with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
            file.write("log: {level: " + "x" * 10_000 + "}\n")
            file.flush()
            self.assertLess(len(run("--config.check", f"--config.file={file.name}").stderr), 2100)

    def test_a_file_that_is_too_large(self):
        result = run("--config.check", "--config.file=/dev/zero")
        self.assertEqual((result.returncode, result.stderr), (
            2, "rig_exporter: --config.file: /dev/zero: larger than 1048576 bytes: write the path of a YAML file\n"))

    def test_invalid_yaml(self):
        for content in ("web: [\n", "a: &b [*b, *b]\n", "\t- x", "'", ",", "---\n,", "[" * 5000, "\x00", "a: b: c"):
            with self.subTest(content[:10]), tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
                file.write(content)
                file.flush()
                result = run("--config.check", f"--config.file={file.name}")
                self.assertEqual(result.returncode, 2, result.stderr)
                self.assertRegex(result.stderr[:300], f"^rig_exporter: {file.name}:[12]:")
                self.assertLessEqual(result.stderr.count("\n"), 2)

    def test_a_port_that_is_in_use(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            result = run(f"--web.listen-address=127.0.0.1:{port}", *rig_flags(RIGS / "no-gpu-no-raid"), "--log.level=error")
            self.assertEqual(result.returncode, 1)
            self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
            self.assertIn(f"cannot listen on 127.0.0.1:{port}: Address already in use", result.stderr)

    def test_standard_output_without_space(self):
        with open("/dev/full", "w") as full:
            result = subprocess.run([PROGRAM, "--list-metrics"], stdout=full, stderr=subprocess.PIPE, text=True)
        self.assertEqual(result.returncode, 1)
        self.assertIn("cannot write to standard output", result.stderr)


class Output(unittest.TestCase):
    def test_version_help_and_check(self):
        self.assertRegex(run("--version").stdout, r"^rig_exporter \d+\.\d+\.\d+ \(")
        self.assertEqual(run("-v").stdout, run("--version").stdout)
        self.assertEqual(run("-h").stdout, run("--help").stdout)
        self.assertIn("Exit status: 0", run("-h").stdout)
        self.assertIn("--collector.raid", run("--help").stdout)
        self.assertEqual(run("--config.check").returncode, 0)

    def test_the_printed_configuration_gives_the_same_when_read(self):
        flags = ["--web.listen-address=127.0.0.1:0", "--web.listen-address=[::1]:0", "--web.telemetry-path=/a:b",
                 "--web.max-requests=7", "--web.config.file=/dev/null", "--web.no-page", "--web.unix-socket-mode=0600",
                 "--web.systemd-socket",
                 "--web.enable-lifecycle", "--scrape.timeout=90s", *rig_flags(RIGS / "rx6800x2-raid0"),
                 f"--gpu.probe={PROGRAM}", "--gpu.sample-interval=1500ms", "--gpu.peak-window=2m", "--gpu.processes=0",
                 "--gpu.max-cpu=50",
                 "--raid.expect=/dev/md/data", "--raid.expect=md0", "--raid.ignore=md12*", "--collector.filesystem.max=3",
                 "--no-collector.cpu.per-core", "--collector.disable-defaults", "--collector.raid", "--log.level=error",
                 "--log.format=json", "--privacy.serial-numbers=omit", "--privacy.gpu-processes=none"]
        printed = run("--config.print", *flags).stdout
        defaults = run("--config.print").stdout.splitlines()
        same = set(printed.splitlines()) & {line for line in defaults if line.startswith("  ")}
        self.assertEqual(same, {"  raid: true"})
        with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
            file.write(printed)
            file.flush()
            again = run("--config.print", f"--config.file={file.name}")
            self.assertEqual(again.stderr, "")
            self.assertEqual(again.stdout, printed)
            self.assertEqual(run("--config.check", f"--config.file={file.name}").returncode, 0)
            # Flags override the file.
            self.assertIn("level: warn", run("--config.print", f"--config.file={file.name}", "--log.level=warn").stdout)

    def test_once_prints_one_collection_including_the_gpus(self):
        result = run("--once", *rig_flags(RIGS / "rx6800x2-raid0"))
        self.assertEqual(result.returncode, 0)
        samples = parse_samples(result.stdout)
        self.assertEqual(samples["rig_gpus"], 2)
        self.assertEqual(samples['rig_gpu_power_cap_watts{gpu="0",pci_address="0000:03:00.0"}'], 203)

    def test_the_json_log_is_valid_json_whatever_it_quotes(self):
        with RigCopy("no-gpu-no-raid") as rig:
            (rig.path / "proc/loadavg").write_bytes(b'\xff "load" \\ \x01\n')
            with Exporter(PROGRAM, *rig_flags(rig.path), "--log.format=json") as exporter:
                exporter.get("/metrics")
        messages = [json.loads(line) for line in exporter.log]
        for message in messages:
            self.assertEqual(set(message), {"time", "level", "msg"})
        self.assertTrue(any('\ufffd "load" \\  "' in m["msg"] for m in messages), messages)


class Serving(unittest.TestCase):
    def test_a_hangup_does_not_end_it(self):
        with Exporter(PROGRAM, *rig_flags(RIGS / "no-gpu-no-raid")) as exporter:
            exporter.process.send_signal(signal.SIGHUP)
            wait_until(lambda: any("configuration reloaded" in line for line in exporter.log), 20, "the signal to be logged")
            self.assertEqual(exporter.get("/-/healthy")[0], 200)

    def test_health_checks_a_running_exporter(self):
        with Exporter(PROGRAM, *rig_flags(RIGS / "no-gpu-no-raid")) as exporter:
            self.assertEqual(run("--health", f"--web.listen-address={exporter.address}").returncode, 0)
        stopped = run("--health", f"--web.listen-address={exporter.address}")
        self.assertEqual(stopped.returncode, 1)
        self.assertIn("no healthy rig_exporter", stopped.stderr)

    def test_gzip_can_be_combined_with_collect(self):
        with Exporter(PROGRAM, *rig_flags(RIGS / "rx6800x2-raid0")) as exporter:
            connection = http.client.HTTPConnection(exporter.address)
            connection.request("GET", "/metrics?collect[]=memory&collect[]=raid", headers={"Accept-Encoding": "gzip"})
            response = connection.getresponse()
            self.assertEqual(response.getheader("Content-Encoding"), "gzip")
            samples = parse_samples(gzip.decompress(response.read()).decode())
            connection.close()
        ran = {series for series in samples if series.startswith("rig_collector_success")}
        self.assertEqual(ran, {f'rig_collector_success{{collector="{c}"}}' for c in ("memory", "raid")})

    def test_both_signals_stop_it_with_status_0(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with Exporter(PROGRAM, *rig_flags(RIGS / "rx6800x2-raid0")) as exporter:
                exporter.process.send_signal(number)
                start = time.monotonic()
                self.assertEqual(exporter.process.wait(10), 0)
                self.assertLess(time.monotonic() - start, 1)


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main(verbosity=2)
