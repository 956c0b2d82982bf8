"""Lets a process have no other system calls than Linux 5.4 has, by a filter that it and its children inherit."""
import ctypes
import errno
import struct

FIRST_LATER = 436  # close_range(2) of Linux 5.9, on x86-64 and arm64
PR_SET_SECCOMP, SECCOMP_MODE_FILTER, PR_SET_NO_NEW_PRIVS = 22, 2, 38
ALLOW, ERROR = 0x7FFF0000, 0x00050000
LOAD, JUMP_IF_AT_LEAST, RETURN = 0x20, 0x35, 0x06


def refuse_later_system_calls():
    """For preexec_fn. Later system calls fail with ENOSYS, as on such a kernel."""
    code = b"".join(struct.pack("HBBI", *instruction) for instruction in (
        (LOAD, 0, 0, 0), (JUMP_IF_AT_LEAST, 0, 1, FIRST_LATER), (RETURN, 0, 0, ERROR | errno.ENOSYS), (RETURN, 0, 0, ALLOW)))
    buffer = ctypes.create_string_buffer(code)
    program = struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "seccomp")
    if libc.syscall(FIRST_LATER, -1, -1, 0) != -1 or ctypes.get_errno() != errno.ENOSYS:
        raise OSError("the filter has no effect")
