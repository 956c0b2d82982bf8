#!/usr/bin/env python3
"""What the programs say if a seccomp filter rejects clone3(2), as the one of an old Docker does.

  clone3_test.py EXPORTER PROBE
"""
import ctypes
import errno
import platform
import struct
import subprocess
import sys
import unittest

from exporter_process import RIGS, is_sanitized, rig_flags

EXPORTER = PROBE = None
CLONE3 = 435  # on every architecture
PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, SECCOMP_MODE_FILTER = 22, 38, 2
SECCOMP_RET_ERRNO, SECCOMP_RET_ALLOW = 0x00050000, 0x7FFF0000
LOAD_WORD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06  # of classic BPF


class SockFilterProgram(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p)]


def rejecting_clone3(error_number):
    """A function for a child process: clone3 fails with this error from then on."""
    instructions = b"".join(struct.pack("HBBI", *each) for each in (
        (LOAD_WORD, 0, 0, 0),  # the number of the system call
        (JUMP_IF_EQUAL, 0, 1, CLONE3),
        (RETURN, 0, 0, SECCOMP_RET_ERRNO | error_number),
        (RETURN, 0, 0, SECCOMP_RET_ALLOW)))
    memory = ctypes.create_string_buffer(instructions, len(instructions))
    program = SockFilterProgram(len(instructions) // 8, ctypes.addressof(memory))
    libc = ctypes.CDLL(None, use_errno=True)

    def install():
        assert memory  # the filter points into it
        if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program)):
            raise OSError(ctypes.get_errno(), "prctl")

    return install


def run(program, *flags, error_number):
    return subprocess.run([program, *flags], preexec_fn=rejecting_clone3(error_number), capture_output=True, text=True,
                          timeout=60, check=False)


class Clone3Rejected(unittest.TestCase):
    def test_the_error_names_docker_and_the_remedy(self):
        machine = rig_flags(RIGS / "rx6800x2-raid0")
        for flags in (["--web.listen-address=127.0.0.1:0", *machine], ["--once", *machine], ["doctor", *machine]):
            with self.subTest(flags[0]):
                result = run(EXPORTER, *flags, error_number=errno.EPERM)
                self.assertEqual(result.returncode, 1, result.stderr)
                last = result.stderr.splitlines()[-1]
                self.assertRegex(last, r"^rig_exporter: cannot create a thread \(a seccomp filter rejects clone3, .*Docker before "
                                       r"20\.10\.10 .*libseccomp.*: update both .*seccomp=unconfined\)")
                self.assertNotIn("RLIMIT", result.stderr)

    def test_the_probe_says_so_for_each_gpu(self):
        result = run(PROBE, "--once", *rig_flags(RIGS / "rx6800x2-raid0"), error_number=errno.EPERM)
        self.assertIn("seccomp filter rejects clone3", result.stdout + result.stderr)

    def test_what_needs_no_threads_works(self):
        for flag in ("--version", "--help", "--config.check"):
            self.assertEqual(run(EXPORTER, flag, error_number=errno.EPERM).returncode, 0, flag)

    def test_a_filter_that_does_not_know_clone3_and_says_so_is_no_error(self):
        result = run(EXPORTER, "--once", *rig_flags(RIGS / "rx6800x2-raid0"), error_number=errno.ENOSYS)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("rig_gpus 2\n", result.stdout)


if __name__ == "__main__":
    EXPORTER, PROBE = sys.argv[1:3]
    if platform.libc_ver() < ("glibc", "2.34"):
        print(f"{' '.join(platform.libc_ver())} does not use clone3")
        sys.exit(77)
    if is_sanitized(EXPORTER):
        print("sanitizers create threads of their own")
        sys.exit(77)
    unittest.main(argv=sys.argv[:1], verbosity=2)
