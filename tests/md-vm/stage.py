"""One captured stage: the output of mdadm, md's files and the exporter's metrics."""
import re

from metrics import Metrics


class Kernel:
    """The kernel's files at one moment."""

    def __init__(self, directory):
        self.mdstat = (directory / "mdstat").read_text()
        self.attributes = lines_by_name((directory / "sysfs").read_text())
        self.disks = {**lines_by_name((directory / "disks").read_text()), **lines_by_name((directory / "ext4").read_text())}
        self.links = dict(line.split() for line in (directory / "links").read_text().splitlines())
        self.diskstats = {fields[2]: [int(field) for field in fields[3:]]
                          for fields in map(str.split, (directory / "diskstats").read_text().splitlines())}
        self.mountinfo = (directory / "mountinfo").read_text().splitlines()

    def arrays(self):
        """The names of the arrays; a device without an array is not included."""
        found = {path.split("/")[0] for path in self.attributes if path.endswith("/md/array_state")}
        return sorted(name for name in found if self.md(name, "array_state") != "clear")

    def md(self, array, attribute):
        """The text of an attribute of md; None if it is empty or absent."""
        return self.attributes.get(f"{array}/md/{attribute}")

    def size_bytes(self, device):
        return 512 * int(self.attributes[f"{device}/size"])

    def members(self, array):
        """The names of the members; the values are whether their block devices exist."""
        found = {}
        for path, presence in self.links.items():
            name, _, member = path.removesuffix("/block").partition("/md/dev-")
            if name == array:
                found[member] = presence == "present"
        return found

    def mdstat_of(self, array):
        found = re.search(rf"^{array} : (.*\n(?:[ \t].*\n)*)", self.mdstat, re.MULTILINE)
        return found.group(1) if found else ""

    def state_in_mdstat(self, array):
        """The parts of the array's text in mdstat that do not change with progress."""
        text = self.mdstat_of(array)
        return text.splitlines()[:1] + re.findall(r"\[\d+/\d+\] \[[U_]+\]", text)


class Detail:
    """The output of `mdadm --detail` for an array."""

    def __init__(self, text):
        self.fields = {}
        self.rows = []  # (number, slot, words, device name or None)
        for line in text.splitlines():
            row = re.match(r"\s+(\d+|-)\s+(\d+)\s+(\d+)\s+(\d+|-)\s+(.*)$", line)
            field = re.match(r"\s*([A-Z][\w ]+?) : (.*?)\s*$", line)
            if row:
                device = re.search(r"\s*/dev/(\S+)$", row.group(5))
                words = row.group(5)[:device.start()] if device else row.group(5)
                self.rows.append((row.group(1), row.group(4), words.split(), device and device.group(1)))
            elif field:
                self.fields[field.group(1)] = field.group(2)

    def number(self, field):
        found = re.match(r"\d+", self.fields.get(field, ""))
        return int(found.group()) if found else None

    @property
    def state(self):
        return self.fields["State"].split(", ")


class Stage:
    def __init__(self, directory):
        self.name = directory.name
        self.before, self.after = Kernel(directory / "before"), Kernel(directory / "after")
        self.outputs = {kind: Metrics((directory / f"{kind}.prom").read_text()) for kind in ("once", "server")}
        self.details = {path.name.split(".")[1]: Detail(path.read_text()) for path in directory.glob("detail.*")}
        self.exports = {path.name.split(".")[1]: dict(re.findall(r"(?m)^(\w+)=(.*)$", path.read_text()))
                        for path in directory.glob("export.*")}
        self.examined = examined(optional_text(directory / "examine"))
        self.udev = udev_of_disks(optional_text(directory / "udev"))
        self.serves = {path.name.split(".")[1]: int(path.read_text()) for path in directory.glob("serves.*")}
        self.statfs = [int(number) for number in optional_text(directory / "statfs").split()]

    def arrays(self):
        return self.after.arrays()

    def is_container(self, array):
        metadata = self.after.md(array, "metadata_version") or ""
        return metadata.startswith("external:") and metadata[len("external:")] not in "/-"


def optional_text(path):
    return path.read_text() if path.exists() else ""


def lines_by_name(text):
    """The output of grep: the lines of each file, joined and stripped."""
    found = {}
    for line in text.splitlines():
        path, _, value = line.partition(":")
        found.setdefault(path, []).append(value.strip())
    return {path: "\n".join(values) for path, values in found.items()}


def examined(text):
    """`mdadm --examine`: the fields by device name."""
    parts = re.split(r"(?m)^/dev/(\S+):$", text)
    return {name: dict(re.findall(r"(?m)^\s*([A-Z][\w ]+?) : (.*?)\s*$", part))
            for name, part in zip(parts[1::2], parts[2::2])}


def udev_of_disks(text):
    """The udev properties of block devices by name."""
    found = {}
    for part in text.split("\n\n"):
        properties = dict(re.findall(r"(?m)^(\w+)=(.*)$", part))
        if "DEVNAME" in properties:
            found[properties["DEVNAME"].removeprefix("/dev/")] = properties
    return found
