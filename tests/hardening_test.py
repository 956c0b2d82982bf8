#!/usr/bin/env python3
"""The built programs have the protections of compiler and linker that cmake/Hardening.cmake asks for.

  hardening_test.py CONFIGURATION PROGRAM...     executables, or modules that end in .so; built as Debug or Release
"""
import pathlib
import re
import subprocess
import sys
import unittest

CONFIGURATION, PROGRAMS = "", []


def readelf(*options, program):
    return subprocess.run(["readelf", "--wide", *options, program], capture_output=True, text=True, check=True).stdout


class Hardening(unittest.TestCase):
    def each(self):
        for program in PROGRAMS:
            with self.subTest(pathlib.Path(program).name):
                yield program

    def test_addresses_are_random(self):
        for program in self.each():
            self.assertRegex(readelf("-h", program=program), r"Type:\s+DYN")
            if not program.endswith(".so"):
                self.assertRegex(readelf("-d", program=program), r"FLAGS_1\).*PIE")

    def test_relocations_are_read_only_before_main(self):
        for program in self.each():
            self.assertIn("GNU_RELRO", readelf("-l", program=program))
            self.assertRegex(readelf("-d", program=program), r"BIND_NOW|FLAGS_1\).*NOW")

    def test_the_stack_is_not_executable(self):
        for program in self.each():
            self.assertRegex(readelf("-l", program=program), r"GNU_STACK.*\bRW\b\s")

    def test_stacks_are_protected(self):
        for program in self.each():
            self.assertIn("__stack_chk_fail", readelf("--dyn-syms", program=program))

    def test_optimized_builds_check_the_sizes_of_buffers(self):
        if CONFIGURATION == "Debug":
            self.skipTest("not without optimization")
        self.assertRegex(readelf("--dyn-syms", program=PROGRAMS[0]), r"__\w+_chk\b")

    def test_indirect_jumps_only_reach_their_targets_where_the_processor_checks_that(self):
        for program in self.each():
            machine = re.search(r"Machine:\s+(.*)", readelf("-h", program=program)).group(1)
            target = {"Advanced Micro Devices X86-64": b"\xf3\x0f\x1e\xfa",  # endbr64
                      "AArch64": b"\x5f\x24\x03\xd5"}.get(machine)  # bti c
            if target is None:
                self.skipTest(f"not for {machine}")
            self.assertGreater(pathlib.Path(program).read_bytes().count(target), 100)  # those of the C library are few


if __name__ == "__main__":
    CONFIGURATION, *PROGRAMS = filter(None, sys.argv[1:])
    sys.argv[1:] = []
    unittest.main(verbosity=2)
