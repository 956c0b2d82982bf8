"""Writes the initramfs of a virtual machine, a cpio archive in "newc" format, without root."""
import lzma
import pathlib
import re
import stat
import subprocess

from debian import NotAvailable


class Initramfs:
    """All paths are inside of the initramfs, without a leading slash."""

    def __init__(self):
        self._entries = {}  # path -> (mode, data, (major, minor))

    def add_directory(self, path):
        if path and path not in self._entries:
            self.add_directory(path.rpartition("/")[0])
            self._entries[path] = (stat.S_IFDIR | 0o755, b"", (0, 0))

    def add(self, path, data, mode=0o644):
        self.add_directory(path.rpartition("/")[0])
        self._entries[path] = (stat.S_IFREG | mode, data, (0, 0))

    def add_link(self, path, target):
        self.add_directory(path.rpartition("/")[0])
        self._entries[path] = (stat.S_IFLNK | 0o777, target.encode(), (0, 0))

    def add_console(self):
        """The device that the kernel opens as the standard streams of init."""
        self.add_directory("dev")
        self._entries["dev/console"] = (stat.S_IFCHR | 0o600, b"", (5, 1))

    def add_program(self, source, path, library_directories=()):
        """Adds a program and the libraries that it is linked with."""
        self.add(path, pathlib.Path(source).read_bytes(), 0o755)
        for library in libraries(source, library_directories):
            name = pathlib.Path(library).name
            place = "lib64/" if name.startswith("ld-linux") else "lib/x86_64-linux-gnu/"
            self.add(place + name, pathlib.Path(library).read_bytes(), 0o755)

    def write(self, path):
        with open(path, "wb") as file:
            for number, (name, entry) in enumerate(sorted(self._entries.items()), 1):
                file.write(record(number, name, *entry))
            file.write(record(0, "TRAILER!!!", 0, b"", (0, 0)))


def record(number, name, mode, data, device):
    fields = (number, mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(name) + 1, 0)
    head = b"070701" + b"".join(b"%08X" % field for field in fields) + name.encode() + b"\0"
    return padded(head) + padded(data)


def padded(data):
    return data + b"\0" * (-len(data) % 4)


def libraries(program, directories=()):
    """The libraries of a program, preferably from `directories`."""
    output = subprocess.run(["ldd", program], text=True, capture_output=True, check=False,
                          env={"LC_ALL": "C", "PATH": "/usr/bin:/bin", "LD_LIBRARY_PATH": ":".join(map(str, directories))})
    missing = re.findall(r"^\s*(\S+) => not found", output.stdout, re.MULTILINE)
    if missing:
        raise NotAvailable(f"{pathlib.Path(program).name} needs {', '.join(missing)}")
    return re.findall(r"(/\S+) \(0x", output.stdout)


class Modules:
    """The kernel modules below a directory."""

    def __init__(self, directory):
        self._paths = {}
        for path in sorted(pathlib.Path(directory).rglob("*.ko*")):
            self._paths[path.name.split(".ko")[0].replace("-", "_")] = path

    def with_dependencies(self, names):
        """Names and contents, dependencies first. Modules that do not exist (built in or not
        available) are skipped."""
        ordered = {}
        for name in names:
            self._add(name, ordered)
        return ordered

    def _add(self, name, ordered):
        name = name.replace("-", "_")
        if name in ordered or name not in self._paths:
            return
        data = self._paths[name].read_bytes()
        if self._paths[name].suffix == ".xz":
            data = lzma.decompress(data)
        for needed in needed_modules(data):
            self._add(needed, ordered)
        ordered[name] = data


def needed_modules(module):
    """The dependencies in the module's section .modinfo."""
    needed = []
    for names in re.findall(rb"\0depends=([^\0]*)", module):
        needed += names.decode().split(",")
    for names in re.findall(rb"\0softdep=pre: ([^\0]*)", module):
        needed += names.decode().split("post:")[0].split()
    return [name for name in needed if name]
