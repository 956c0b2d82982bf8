"""Makes the tarball with deploy/release/tarball and unpacks it, once for all tests of a process."""
import functools
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

from empty_root import EmptyRoot, namespace_problem

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(sys.argv[1]).resolve()
ARCHIVE = sys.argv[2] if len(sys.argv) > 2 else None
RIG = SOURCE / "tests/rigs/rx6800x2-raid0"
# In a root directory of a test.
RIG_FLAGS = ("--path.procfs=/machine/proc", "--path.sysfs=/machine/sys", "--path.rootfs=/machine")


def run(*command, **options):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=240, **options)


def output_of(*command, **options):
    done = run(*command, **options)
    if done.returncode != 0:
        raise AssertionError(f"{command}: {done.stdout}{done.stderr}")
    return done.stdout


def missing_tools():
    """Why the tarball cannot be made here; empty: it can be."""
    missing = [tool for tool in ("cmake", "c++", "patchelf", "strip", "dpkg-query", "sha256sum") if shutil.which(tool) is None]
    return f"not installed: {', '.join(missing)}" if missing else ""


@functools.lru_cache(maxsize=None)
def temporary_directory():
    return tempfile.TemporaryDirectory(prefix="rig_tarball.")


@functools.lru_cache(maxsize=None)
def unpacked_tarball():
    """The directory in which the programs are."""
    directory = pathlib.Path(temporary_directory().name)
    if ARCHIVE:
        archive = pathlib.Path(ARCHIVE)
    else:
        output_of(SOURCE / "deploy/release/tarball", BUILD, directory / "made")
        (archive,) = (directory / "made").glob("rig_exporter-*.tar.gz")
    output_of("tar", "-C", directory, "-xzf", archive)
    return directory / archive.name.removesuffix(".tar.gz")


class TarballTestCase(unittest.TestCase):
    maxDiff = None

    def empty_root(self, place="opt/rig"):
        """A root directory with nothing but the tarball, at `place`, and a recorded machine."""
        if namespace_problem():
            self.skipTest(namespace_problem())
        root = EmptyRoot(tempfile.mkdtemp(dir=temporary_directory().name))
        self.addCleanup(shutil.rmtree, root.path)
        shutil.copytree(unpacked_tarball(), root.path / place, symlinks=True)
        shutil.copytree(RIG, root.path / "machine", symlinks=True)
        return root
