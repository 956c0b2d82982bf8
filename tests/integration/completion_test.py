#!/usr/bin/env python3
"""Completion of the command line in real shells, as far as they are installed.

  completion_test.py EXPORTER
"""
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

PROGRAM = None
FLAG = re.compile(r"(?<![\w-])--[a-z][\w.-]*[a-z]")
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|[\x00-\x08\x0b-\x1f]")
PROMPT = "ready> "


def script(shell):
    return subprocess.run([PROGRAM, f"--completion={shell}"], capture_output=True, text=True, timeout=30, check=True).stdout


def all_flags():
    help_text = subprocess.run([PROGRAM, "--help"], capture_output=True, text=True, timeout=30, check=True).stdout
    return set(FLAG.findall(re.search(r"Options:.*(?=Exit status)", help_text, re.DOTALL).group()))


class Terminal:
    """An interactive shell."""

    def __init__(self, command, setup):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(PS1=PROMPT, TERM="dumb", INPUTRC="/dev/null", COLUMNS="200")
            os.execvp(command[0], command)
        self.type(setup + "\n")
        self.read(1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.fd)
        os.waitpid(self.pid, 0)

    def type(self, text):
        os.write(self.fd, text.encode())

    def read(self, seconds, until=None):
        """What appears, until nothing has for that time, or until that text."""
        text = b""
        end = time.monotonic() + 15
        while time.monotonic() < end and select.select([self.fd], [], [], seconds if until is None else 15)[0]:
            try:
                text += os.read(self.fd, 65536)
            except OSError:
                break
            if until is not None and until in CONTROL.sub("", text.decode(errors="replace")):
                break
        return CONTROL.sub("", text.decode(errors="replace"))

    def complete(self, line, expected):
        """Types a line and tab; returns what appears until the expected text does."""
        self.type("\x15" + line + "\t")
        return self.read(1, until=expected)


class Completion(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory(prefix="rig_completion.")
        self.addCleanup(self.directory.cleanup)
        os.mkdir(os.path.join(self.directory.name, "folder"))
        self.file = os.path.join(self.directory.name, "script")

    def write_script(self, shell):
        if shutil.which(shell) is None:
            self.skipTest(f"{shell} is not installed")
        with open(self.file, "w") as file:
            file.write(script(shell))

    def assert_completes(self, terminal, line, expected):
        self.assertIn(expected, terminal.complete(line, expected), line)

    def check_terminal(self, terminal):
        self.assert_completes(terminal, "rig_exporter doc", "rig_exporter doctor")
        self.assert_completes(terminal, "rig_exporter --log.le", "--log.level=")
        self.assert_completes(terminal, "rig_exporter --log.level=d", "--log.level=debug")
        self.assert_completes(terminal, "rig_exporter --once --log.format j", "json")
        self.assert_completes(terminal, "rig_exporter --no-collector.ra", "--no-collector.raid")
        self.assert_completes(terminal, f"rig_exporter --path.procfs={self.directory.name}/fol", "/folder/")
        self.assert_completes(terminal, f"rig_exporter --config.file {self.directory.name}/scr", "/script")

    def test_bash_completes_flags_values_and_paths(self):
        self.write_script("bash")
        with Terminal(["bash", "--norc", "--noprofile", "-i"], f"source {self.file}") as terminal:
            self.check_terminal(terminal)

    def test_zsh_completes_flags_values_and_paths(self):
        self.write_script("zsh")
        setup = f"autoload -U compinit; compinit -u -D; source {self.file}; unsetopt zle_bracketed_paste"
        with Terminal(["zsh", "-f", "-i"], setup) as terminal:
            self.check_terminal(terminal)

    def test_fish_completes_flags_values_and_paths(self):
        self.write_script("fish")

        def completed(line):
            done = subprocess.run(["fish", "--no-config", "-c", f"source {self.file}; complete -C '{line}'"], text=True,
                                  capture_output=True, timeout=30, check=True, env={**os.environ, "HOME": self.directory.name})
            self.assertEqual(done.stderr, "")
            return [found.split("\t")[0] for found in done.stdout.splitlines()]

        self.assertIn("doctor", completed("rig_exporter doc"))
        self.assertEqual(completed("rig_exporter --log.le"), ["--log.level"])
        self.assertEqual(completed("rig_exporter --log.level=d"), ["--log.level=debug"])
        self.assertEqual(completed("rig_exporter --once --log.format j"), ["json"])
        self.assertEqual(completed(f"rig_exporter --path.procfs={self.directory.name}/"),
                         [f"--path.procfs={self.directory.name}/folder/"])
        self.assertIn(f"{self.directory.name}/script", completed(f"rig_exporter --config.file {self.directory.name}/scr"))

    def test_every_flag_is_in_every_script(self):
        self.assertGreater(len(all_flags()), 30)
        for shell in ("bash", "zsh", "fish"):
            text = script(shell)
            if shell == "fish":
                text = re.sub(r" -l ", " --", text)
            self.assertEqual(all_flags() - set(FLAG.findall(text)), set(), shell)

    def test_every_flag_of_the_scripts_exists(self):
        for flag in set(FLAG.findall(script("zsh"))) - {"--help", "--version"}:
            done = subprocess.run([PROGRAM, "--config.check", flag], capture_output=True, text=True, timeout=30)
            self.assertNotIn("unknown flag", done.stderr)


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main(verbosity=2)
