"""Downloads and unpacks Debian packages without installing them and without root."""
import os
import pathlib
import re
import shutil
import subprocess


class NotAvailable(Exception):
    """Something that the tests need is not available; the message is the reason."""


def host_suite():
    """The code name of the Debian this runs on."""
    try:
        text = pathlib.Path("/etc/os-release").read_text()
    except OSError:
        text = ""
    found = re.search(r"^VERSION_CODENAME=(\w+)$", text, re.MULTILINE)
    if not found:
        raise NotAvailable("this system is not a Debian with a code name")
    return found.group(1)


class Suite:
    """Packages of one Debian release, unpacked below `directory`.

    fetch() downloads them from the mirror that this machine's apt uses, with package lists of its own. Packages that were
    downloaded before are kept; remove the directory to get newer ones.
    """

    def __init__(self, name, directory):
        self.name = name
        self.directory = pathlib.Path(directory).resolve() / name
        self._lists_are_fresh = False

    def package(self, name):
        """The directory with the files of a downloaded package."""
        directory = self.directory / "unpacked" / name
        if not directory.exists():
            raise NotAvailable(f"{name} of Debian {self.name} was not downloaded; run tests/run")
        return directory

    def kernel(self):
        """The directory with the files of the downloaded kernel."""
        found = sorted((self.directory / "unpacked").glob("linux-image-*-amd64"))
        if not found:
            raise NotAvailable(f"the kernel of Debian {self.name} was not downloaded; run tests/run")
        return found[-1]

    def fetch(self, name):
        target = self.directory / "unpacked" / name
        if target.exists():
            return
        archive = self._download(name)
        partial = target.with_name(name + ".partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        subprocess.run(["dpkg", "-x", archive, partial], check=True)
        archive.unlink()
        partial.rename(target)

    def fetch_kernel(self):
        if list((self.directory / "unpacked").glob("linux-image-*-amd64")):
            return
        self._fetch_lists()
        depends = self._apt("apt-cache", "depends", "linux-image-cloud-amd64").stdout
        found = re.search(r"Depends: (linux-image-[0-9]\S*)", depends)
        if not found:
            raise NotAvailable(f"{self.name} has no kernel linux-image-cloud-amd64")
        self.fetch(found.group(1))

    def _download(self, package):
        self._fetch_lists()
        archives = self.directory / "archives"
        archives.mkdir(parents=True, exist_ok=True)
        got = self._apt("apt-get", "download", "-q", package, cwd=archives)
        found = sorted(archives.glob(package + "_*.deb"))
        if got.returncode != 0 or not found:
            raise NotAvailable(f"{package} of {self.name} is not available: {last_line(got)}")
        return found[-1]

    def _fetch_lists(self):
        if self._lists_are_fresh:
            return
        sources = self.directory / "sources.list"
        for part in ("state/lists/partial", "cache/archives/partial"):
            (self.directory / part).mkdir(parents=True, exist_ok=True)
        sources.write_text(f"deb {mirror()} {self.name} main\n")
        got = self._apt("apt-get", "update", "-q", "--error-on=any")
        if got.returncode != 0:
            raise NotAvailable(f"the package lists of {self.name} are not available: {last_line(got)}")
        self._lists_are_fresh = True

    def _apt(self, program, *arguments, cwd=None):
        settings = {"Dir::State": self.directory / "state", "Dir::State::status": "/dev/null",
                    "Dir::Cache": self.directory / "cache", "Dir::Etc::sourcelist": self.directory / "sources.list",
                    "Dir::Etc::sourceparts": "/dev/null", "APT::Architecture": "amd64",
                    "Acquire::Languages": "none", "APT::Sandbox::User": ""}
        options = [word for name, value in settings.items() for word in ("-o", f"{name}={value}")]
        return subprocess.run([program, *options, *arguments], cwd=cwd, text=True, capture_output=True,
                              timeout=600, check=False, env={**os.environ, "LC_ALL": "C"})


def mirror():
    """The mirror from which this machine's apt downloads its own release."""
    targets = subprocess.run(["apt-get", "indextargets", "--format", "$(CODENAME) $(COMPONENT) $(REPO_URI)"],
                             text=True, capture_output=True, check=False).stdout
    for line in targets.splitlines():
        suite, component, address = line.split(" ", 2)
        if suite == host_suite() and component == "main":
            return address
    raise NotAvailable("apt has no source for " + host_suite())


def last_line(process):
    lines = (process.stderr or process.stdout).strip().splitlines()
    return lines[-1] if lines else f"exit status {process.returncode}"
