"""Debian's packages, fetched and unpacked without installing anything and without root."""
import os
import pathlib
import re
import shutil
import subprocess


class NotToBeHad(Exception):
    """A package that cannot be fetched here, and why."""


def host_suite():
    """The code name of the Debian this runs on."""
    try:
        text = pathlib.Path("/etc/os-release").read_text()
    except OSError:
        text = ""
    found = re.search(r"^VERSION_CODENAME=(\w+)$", text, re.MULTILINE)
    if not found:
        raise NotToBeHad("this system is not a Debian with a code name")
    return found.group(1)


class Suite:
    """One Debian release: packages of it, unpacked below `folder`.

    fetch() gets them from the mirror that this machine's apt uses, with package lists of its own. What was fetched once
    stays: without that folder the newest packages are fetched.
    """

    def __init__(self, name, folder):
        self.name = name
        self.folder = pathlib.Path(folder).resolve() / name
        self._lists_are_fresh = False

    def package(self, name):
        """The folder that holds the files of a package that was fetched."""
        folder = self.folder / "unpacked" / name
        if not folder.exists():
            raise NotToBeHad(f"{name} of Debian {self.name} was not fetched, which tests/run does")
        return folder

    def kernel(self):
        """The same for the kernel for virtual machines."""
        found = sorted((self.folder / "unpacked").glob("linux-image-*-amd64"))
        if not found:
            raise NotToBeHad(f"the kernel of Debian {self.name} was not fetched, which tests/run does")
        return found[-1]

    def fetch(self, name):
        target = self.folder / "unpacked" / name
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
        if list((self.folder / "unpacked").glob("linux-image-*-amd64")):
            return
        self._fetch_lists()
        depends = self._apt("apt-cache", "depends", "linux-image-cloud-amd64").stdout
        found = re.search(r"Depends: (linux-image-[0-9]\S*)", depends)
        if not found:
            raise NotToBeHad(f"{self.name} has no kernel linux-image-cloud-amd64")
        self.fetch(found.group(1))

    def _download(self, package):
        self._fetch_lists()
        archives = self.folder / "archives"
        archives.mkdir(parents=True, exist_ok=True)
        got = self._apt("apt-get", "download", "-q", package, cwd=archives)
        found = sorted(archives.glob(package + "_*.deb"))
        if got.returncode != 0 or not found:
            raise NotToBeHad(f"{package} of {self.name} is not to be had: {last_line(got)}")
        return found[-1]

    def _fetch_lists(self):
        if self._lists_are_fresh:
            return
        sources = self.folder / "sources.list"
        for part in ("state/lists/partial", "cache/archives/partial"):
            (self.folder / part).mkdir(parents=True, exist_ok=True)
        sources.write_text(f"deb {mirror()} {self.name} main\n")
        got = self._apt("apt-get", "update", "-q", "--error-on=any")
        if got.returncode != 0:
            raise NotToBeHad(f"the package lists of {self.name} are not to be had: {last_line(got)}")
        self._lists_are_fresh = True

    def _apt(self, program, *arguments, cwd=None):
        settings = {"Dir::State": self.folder / "state", "Dir::State::status": "/dev/null",
                    "Dir::Cache": self.folder / "cache", "Dir::Etc::sourcelist": self.folder / "sources.list",
                    "Dir::Etc::sourceparts": "/dev/null", "APT::Architecture": "amd64",
                    "Acquire::Languages": "none", "APT::Sandbox::User": ""}
        options = [word for name, value in settings.items() for word in ("-o", f"{name}={value}")]
        return subprocess.run([program, *options, *arguments], cwd=cwd, text=True, capture_output=True,
                              timeout=600, check=False, env={**os.environ, "LC_ALL": "C"})


def mirror():
    """Where this machine's apt fetches its own Debian from."""
    targets = subprocess.run(["apt-get", "indextargets", "--format", "$(CODENAME) $(COMPONENT) $(REPO_URI)"],
                             text=True, capture_output=True, check=False).stdout
    for line in targets.splitlines():
        suite, component, address = line.split(" ", 2)
        if suite == host_suite() and component == "main":
            return address
    raise NotToBeHad("apt here has no source for " + host_suite())


def last_line(process):
    lines = (process.stderr or process.stdout).strip().splitlines()
    return lines[-1] if lines else f"exit status {process.returncode}"
