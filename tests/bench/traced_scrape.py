"""What one scrape asks the kernel for, from a trace of strace."""
import os
import re
import time

from process_cost import Strace
from servers import Client

CALLS = ("read,pread64,readv,preadv,preadv2,getdents64,openat,readlink,readlinkat,stat,lstat,newfstatat,statx,access,"
         "faccessat2,statfs")
DESCRIPTOR = re.compile(r"(\w+)\(\d+<(/(?!dev/)[^>]*)>")
PATH = re.compile(r'(\w+)\((?:(?:AT_FDCWD|\d+)(?:<([^>]*)>)?, )?"([^"]+)".*?\)\s+= (-1)?')
# After its start, as after an event of the kernel, the exporter caches nothing for a while.
SETTLING_SECONDS = 6
KINDS = {"readlink": "link", "readlinkat": "link", "statfs": "statfs"}


def joined(text):
    """The calls of a trace; one that another thread's call interrupted is on two lines."""
    begun = {}
    for line in text.splitlines():
        thread, _, call = line.partition(" ")
        call = call.strip()
        resumed = re.match(r"<\.\.\. \w+ resumed>(.*)", call)
        if resumed:
            call = begun.pop(thread, "") + resumed[1]
        if call.endswith("<unfinished ...>"):
            begun[thread] = call.removesuffix("<unfinished ...>")
        else:
            yield call


def step_of(call):
    """(word, path) as scrape_floor takes them, or None for a call that is part of another step."""
    on_descriptor = DESCRIPTOR.match(call)
    if on_descriptor and on_descriptor[1].startswith(("read", "pread", "getdents")) and on_descriptor[1] != "readlinkat":
        return "list" if on_descriptor[1] == "getdents64" else "read", on_descriptor[2]
    named = PATH.match(call)
    if not named:
        return None
    name, directory, path, failed = named.groups()
    path = os.path.join(directory or "", path)
    if path.startswith("/dev/") or not path.startswith("/"):
        return None
    if failed and (name not in ("readlink", "readlinkat") or "ENOENT" in call):  # these fail for what is no link, too
        return "absent", path
    if name == "openat":  # listed or read then
        return None
    if name == "lstat" or "AT_SYMLINK_NOFOLLOW" in call:
        return "lstat", path
    return KINDS.get(name, "stat"), path


def trace(server):
    """The steps of one scrape, each once."""
    client = Client(server.port)
    client.scrape()
    time.sleep(SETTLING_SECONDS)
    client.scrape()
    # -y prints the path of each descriptor, so that it does not matter when the file was opened.
    with Strace(server.pid, "-y", "-s", "0", "-e", f"trace={CALLS}") as strace:
        client.scrape()
    client.close()
    steps = dict.fromkeys(step for step in map(step_of, joined(strace.text)) if step)
    own = (f"/proc/{server.pid}/fd/", "/proc/self/fd/")  # its descriptors are no files
    return [(word, path) for word, path in steps if not path.startswith(own)]
