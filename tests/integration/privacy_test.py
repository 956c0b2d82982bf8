#!/usr/bin/env python3
"""Looks for serial numbers and the owners of processes in everything that a client can read, and in the log."""
import argparse
import pathlib
import re
import subprocess
import tempfile
import unittest

from exporter_process import RIGS, Exporter, RigCopy, rig_flags, wait_until

PATHS = ["/metrics", "/", "/api/v1/live", "/api/v1/history", "/-/healthy", "/-/ready", "/metrics?collect[]=gpu",
         "/metrics?collect[]=raid", "/api/v1/live?collect[]=x", "/nonsense"]
SERIALS = ("serial", "unique_id", "wwn")
OWNERS = ("command", "unit", "container", "pod", "slurm_job")
ALL_ADDRESSES = "--web.listen-address=0.0.0.0:0"  # in addition to that of Exporter

program = None


def label_values(text, labels):
    """The values of these labels, in the text format and in JSON, other than empty ones."""
    return {value for label in labels for value in re.findall(rf'(?:[{{,]{label}=|"{label}":)"([^"]+)"', text)}


def expected_values(rig, labels):
    values = label_values((RIGS / rig / "expected.prom").read_text(), labels)
    assert values, f"{rig} has none of {labels}"
    return values


def everything(exporter):
    """All that clients can read, once the first readings are there."""
    exporter.wait_ready()
    wait_until(lambda: "rig_gpu_up" in exporter.get()[2], 20, "a GPU")
    return "\n".join(exporter.get(path)[2] for path in PATHS * 2)


class PrivacyTest(unittest.TestCase):
    def assert_lacks(self, text, values):
        # "1" or "3" would be found anywhere; as label values they are compared exactly below.
        for value in values:
            if len(value) > 4:
                self.assertNotIn(value.removeprefix("0x"), text)

    def assert_lacks_labels(self, text, labels):
        self.assertEqual(label_values(text, labels), set())

    def test_strangers_learn_no_serial_numbers_and_no_owners_by_default(self):
        for rig in ["mi210x2", "rx6800x2-phantom-busy", "rx6800x2-raid0-dead"]:
            secrets = expected_values(rig, SERIALS)
            owners = label_values((RIGS / rig / "expected.prom").read_text(), ("container", "pod"))
            with self.subTest(rig), Exporter(program, ALL_ADDRESSES, *rig_flags(RIGS / rig)) as exporter:
                text = everything(exporter)
                self.assert_lacks(text + "".join(exporter.log), secrets | owners)
                self.assert_lacks_labels(text, SERIALS + OWNERS)
                log = "".join(exporter.log)
                self.assertEqual(log.count("--privacy.serial-numbers=show"), 1)
                self.assertEqual(log.count("--privacy.gpu-processes=all"), 1)
                if rig == "mi210x2":
                    self.assertIn('rig_gpu_process_memory_bytes{command="",container="",gpu="0",', text)
                    self.assertIn('pid="20933"', text)

    def test_nothing_is_omitted_on_loopback(self):
        with Exporter(program, *rig_flags(RIGS / "mi210x2")) as exporter:
            text = everything(exporter)
            self.assertEqual(label_values(text, SERIALS + OWNERS), expected_values("mi210x2", SERIALS + OWNERS))
            self.assertNotIn("privacy", "".join(exporter.log))

    def test_the_log_says_when_users_change_what_is_omitted(self):
        def lines(text):
            return "".join(exporter.log).count(text)

        with tempfile.TemporaryDirectory() as directory:
            file = pathlib.Path(directory, "web.yml")
            nobody = "http_server_config: {headers: {X-Frame-Options: deny}}\n"
            file.write_text(nobody)
            flags = [ALL_ADDRESSES, f"--web.config.file={file}", *rig_flags(RIGS / "mi210x2")]
            with Exporter(program, *flags) as exporter:
                wait_until(lambda: lines("--privacy.serial-numbers=show") == 1, 10, "the omission at the start")
                file.write_text("basic_auth_users: {ana: $2y$04$aEAdYmUzuYhj.TJbTdm3X.8emZkXZFmLEhEAcNBkXIfRqTJOMzX1i}\n")
                wait_until(lambda: lines("nothing is omitted any more") == 1, 10, "the change")
                file.write_text(nobody)
                wait_until(lambda: lines("--privacy.serial-numbers=show") == 2, 10, "the omission after the change")

    def test_explicit_settings_override_the_address(self):
        show = ["--privacy.serial-numbers=show", "--privacy.gpu-processes=all"]
        with Exporter(program, ALL_ADDRESSES, *show, *rig_flags(RIGS / "mi210x2")) as exporter:
            self.assertEqual(label_values(everything(exporter), SERIALS + OWNERS),
                             expected_values("mi210x2", SERIALS + OWNERS))
        omit = ["--privacy.serial-numbers=omit", "--privacy.gpu-processes=none"]
        with Exporter(program, *omit, *rig_flags(RIGS / "mi210x2")) as exporter:
            text = everything(exporter)
            self.assert_lacks(text, expected_values("mi210x2", SERIALS))
            self.assertNotIn("20933", text)
            self.assertNotIn("rig_gpu_process_memory_bytes{", text)
            self.assertIn("rig_gpu_processes{", text)

    def test_the_terminal_shows_everything_unless_told_otherwise(self):
        def run(*flags):
            command = [program, *flags, ALL_ADDRESSES, *rig_flags(RIGS / "mi210x2")]
            return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

        secrets = expected_values("mi210x2", SERIALS)
        self.assertEqual(label_values(run("--once").stdout, SERIALS), secrets)
        omit = ["--privacy.serial-numbers=omit", "--privacy.gpu-processes=pid"]
        for action in ["--once", "doctor"]:
            result = run(action, *omit)
            self.assert_lacks(result.stdout + result.stderr, secrets)
            self.assert_lacks_labels(result.stdout, SERIALS + OWNERS)

    def test_a_malformed_id_is_not_quoted_in_a_problem(self):
        for text in ["serial-VK99812\n", "0xb8adf5a0326ac519 VK99812\n", "VK99812"]:
            with self.subTest(text), RigCopy("mi210x2") as rig:
                for file in (rig.path / "sys").rglob("unique_id"):
                    if file.is_file():
                        file.write_text(text)
                with Exporter(program, ALL_ADDRESSES, *rig_flags(rig.path)) as exporter:
                    found = everything(exporter) + "".join(exporter.log)
                    self.assertNotIn("VK99812", found)
                    self.assertIn("unique_id: ", found)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    arguments = parser.parse_args()
    program = arguments.program
    unittest.main(argv=[__file__], verbosity=1)
