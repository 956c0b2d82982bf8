#!/usr/bin/env python3
"""rig_tls.so, which has TLS and passwords: it is loaded only where they are configured, and an error says what is wrong
with it.

  tls_module_test.py EXPORTER MODULE OTHER_BUILD      the module, and one of another build
"""
import contextlib
import http.client
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

from certificates import Certificates
from exporter_process import RIGS, Exporter, rig_flags, wait_until

PROGRAM, MODULE, OTHER_BUILD = None, None, None
# Of "secret", at a low cost.
USERS = "basic_auth_users: {jo: $2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW}\n"
TLS = "tls_server_config: {cert_file: server.crt, key_file: server.key}\n"
NEITHER = "rate_limit: {interval: 1ms, burst: 1000}\n"

directory = None


def setUpModule():
    """The exporter in a directory of its own, where there is no module, on the filesystem of the build: a copy would be
    large, and programs cannot be executed everywhere."""
    global directory
    directory = pathlib.Path(tempfile.mkdtemp(prefix="tls_module_test.", dir=pathlib.Path(PROGRAM).parent))
    Certificates(directory).make("server")
    (directory / "bin").mkdir()
    os.link(PROGRAM, directory / "bin/rig_exporter")


def tearDownModule():
    shutil.rmtree(directory, ignore_errors=True)


class Module(unittest.TestCase):
    def setUp(self):
        self.program = str(directory / "bin/rig_exporter")
        self.module = directory / "bin/rig_tls.so"
        self.module.unlink(missing_ok=True)
        self.file = directory / "web.yml"

    def check(self, text, *flags):
        self.file.write_text(text)
        return subprocess.run([self.program, f"--web.config.file={self.file}", *(flags or ("--config.check",))],
                              capture_output=True, text=True, timeout=60)

    def check_is_refused(self, *words):
        for text in (TLS, USERS):
            for flags in (["--config.check"], ["--web.listen-address=127.0.0.1:0", "--no-collector.gpu"]):
                with self.subTest(text, flags=flags):
                    result = self.check(text, *flags)
                    self.assertEqual(result.returncode, 2, result.stderr)
                    lines = [line for line in result.stderr.splitlines() if "level=info" not in line]
                    self.assertEqual(len(lines), 1, lines)
                    self.assertIn(f"{self.file}: TLS and passwords need the module rig_tls.so", lines[0])
                    for word in words:
                        self.assertIn(word, lines[0])

    def serving(self, text):
        self.file.write_text(text)
        return Exporter(self.program, f"--web.config.file={self.file}", "--no-collector.gpu",
                        *rig_flags(RIGS / "rx6800x2-raid0"))

    def get(self, exporter):
        with contextlib.closing(http.client.HTTPConnection(exporter.address, timeout=20)) as connection:
            connection.request("GET", "/metrics")
            return connection.getresponse().status

    def test_a_module_that_is_missing_is_named_with_its_place(self):
        self.check_is_refused("there is no ",
                              "/rig_exporter/rig_tls.so: install it there or in the directory of the program")

    def test_a_module_that_cannot_be_loaded_is_named_with_the_reason(self):
        self.module.write_text("text")
        self.check_is_refused("cannot be loaded: ", str(self.module), "install ")

    def test_a_module_of_another_build_is_not_used(self):
        self.module.symlink_to(OTHER_BUILD)
        self.check_is_refused("of the same build as the program",
                              f"{self.module} is of 9.8.7 (0123456789ab, a compiler)", "install both from one build")

    def test_without_a_module_the_exporter_serves_what_needs_none(self):
        self.assertEqual(self.check(NEITHER).returncode, 0)
        with self.serving(NEITHER) as exporter:
            self.assertEqual(self.get(exporter), 200)

    def test_the_libraries_are_loaded_only_where_they_are_needed(self):
        self.module.symlink_to(MODULE)
        for text, needed in ((NEITHER, False), (USERS, True), (TLS, True)):
            with self.subTest(text), self.serving(text) as exporter:
                maps = pathlib.Path(f"/proc/{exporter.process.pid}/maps").read_text()
                for library in ("rig_tls.so", "libgnutls.so", "libcrypt.so"):
                    self.assertEqual(library in maps, needed, library)

    def test_users_can_be_added_by_a_reload_once_the_module_is_there(self):
        with self.serving(NEITHER) as exporter:
            self.file.write_text(USERS)
            wait_until(lambda: "there is no " in "".join(exporter.log), 20, "the error in the log")
            self.assertIn("the previous web configuration stays in effect", "".join(exporter.log))
            self.assertEqual(self.get(exporter), 200)
            self.module.symlink_to(MODULE)
            self.file.write_text(USERS + NEITHER)
            wait_until(lambda: self.get(exporter) == 401, 20, "the users")

    def test_a_reload_with_tls_and_without_a_module_changes_nothing(self):
        with self.serving(NEITHER) as exporter:
            self.file.write_text(TLS)
            wait_until(lambda: "there is no " in "".join(exporter.log), 20, "the error in the log")
            self.assertEqual(self.get(exporter), 200)


if __name__ == "__main__":
    PROGRAM, MODULE, OTHER_BUILD = map(os.path.abspath, sys.argv[1:4])
    del sys.argv[1:4]
    unittest.main(verbosity=2)
