"""The initial file system of a virtual machine: an archive in cpio's "newc" form, written without root."""
import lzma
import pathlib
import re
import stat
import subprocess

from debian import NotToBeHad


class Initramfs:
    """Paths are those inside, without a leading slash."""

    def __init__(self):
        self._entries = {}  # path -> (mode, data, (major, minor))

    def add_folder(self, path):
        if path and path not in self._entries:
            self.add_folder(path.rpartition("/")[0])
            self._entries[path] = (stat.S_IFDIR | 0o755, b"", (0, 0))

    def add(self, path, data, mode=0o644):
        self.add_folder(path.rpartition("/")[0])
        self._entries[path] = (stat.S_IFREG | mode, data, (0, 0))

    def add_link(self, path, target):
        self.add_folder(path.rpartition("/")[0])
        self._entries[path] = (stat.S_IFLNK | 0o777, target.encode(), (0, 0))

    def add_console(self):
        """What the kernel gives the first program as its terminal."""
        self.add_folder("dev")
        self._entries["dev/console"] = (stat.S_IFCHR | 0o600, b"", (5, 1))

    def add_program(self, source, path, library_folders=()):
        """A program and the libraries that it is linked with."""
        self.add(path, pathlib.Path(source).read_bytes(), 0o755)
        for library in libraries(source, library_folders):
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


def libraries(program, folders=()):
    """The libraries of a program, those in `folders` before this machine's own."""
    said = subprocess.run(["ldd", program], text=True, capture_output=True, check=False,
                          env={"LC_ALL": "C", "PATH": "/usr/bin:/bin", "LD_LIBRARY_PATH": ":".join(map(str, folders))})
    missing = re.findall(r"^\s*(\S+) => not found", said.stdout, re.MULTILINE)
    if missing:
        raise NotToBeHad(f"{pathlib.Path(program).name} needs {', '.join(missing)}")
    return re.findall(r"(/\S+) \(0x", said.stdout)


class Modules:
    """The kernel's modules below a folder."""

    def __init__(self, folder):
        self._paths = {}
        for path in sorted(pathlib.Path(folder).rglob("*.ko*")):
            self._paths[path.name.split(".ko")[0].replace("-", "_")] = path

    def with_all_they_need(self, names):
        """Name and content, each after those that it needs. One that is not there is built in, or not to be had."""
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
    """What the module itself says in its section .modinfo."""
    needed = []
    for names in re.findall(rb"\0depends=([^\0]*)", module):
        needed += names.decode().split(",")
    for names in re.findall(rb"\0softdep=pre: ([^\0]*)", module):
        needed += names.decode().split("post:")[0].split()
    return [name for name in needed if name]
