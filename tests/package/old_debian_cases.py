"""The tarball on a userland older than its libraries, that of Debian 11, with a librocm_smi64 below /opt.

Debian 11 has none: it is the one of this machine, linked to libraries of Debian 11 as those of AMD are.
"""
import json
import re
import shutil
import subprocess

import old_debian
from tarball import BUILD, SOURCE, TarballTestCase, output_of

LIBRARIES = "usr/lib/x86_64-linux-gnu"
ROCM = "opt/rocm-5.7.1/lib"


def rocm_smi_of_this_machine():
    found = subprocess.run(["sh", "-c", "/sbin/ldconfig -p | sed -n 's/.*librocm_smi64.so.1 .*=> //p'"],
                           capture_output=True, text=True).stdout.split()
    return found[0] if found else None


class OldDebian(TarballTestCase):
    def old_root(self):
        root = self.empty_root()
        try:
            packages = old_debian.unpacked_packages(SOURCE / "build/old-debian")
        except old_debian.NotAvailable as reason:
            self.skipTest(str(reason))
        for files in packages:
            for directory in ("bin", "lib", "lib64", "sbin"):  # /usr merged, as it is after an installation
                if (files / directory).is_dir():
                    shutil.copytree(files / directory, root.path / "usr" / directory, symlinks=True, dirs_exist_ok=True)
            shutil.copytree(files / "usr", root.path / "usr", symlinks=True, dirs_exist_ok=True)
        for directory in ("bin", "lib", "lib64"):
            (root.path / directory).symlink_to(f"usr/{directory}")
        return root

    def with_rocm_smi(self, root, *needed):
        """librocm_smi64 below /opt, which needs these libraries, too, and searches its own directory first."""
        library = rocm_smi_of_this_machine()
        if library is None or not (BUILD / "bin/rig_rocm_smi.so").exists():
            self.skipTest("librocm_smi64 is not installed, or the build is without it")
        directory = root.path / ROCM
        directory.mkdir(parents=True)
        copy = directory / "librocm_smi64.so.5"
        shutil.copy(library, copy)
        options = [word for name in needed for word in ("--add-needed", name)]
        output_of("patchelf", "--set-rpath", "$ORIGIN", *options, copy)
        shutil.copytree(root.path / "machine/sys", root.path / "sys", symlinks=True)
        (root.path / "dev/shm").mkdir()

    def probe(self, root):
        done = root.run("/opt/rig/bin/rig_gpu_probe", "--once")
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        (report,) = [line for line in lines if line["type"] == "probe"]
        return report, [line for line in lines if line["type"] == "gpu"]

    def test_the_programs_need_a_newer_libc_than_that_of_the_machine(self):
        """Otherwise the other tests would show nothing."""
        root = self.old_root()
        done = root.run("/lib64/ld-linux-x86-64.so.2", "--inhibit-cache", "--library-path", f"/{LIBRARIES}",
                        "/opt/rig/libexec/rig_gpu_probe/rig_gpu_probe", "--version")
        self.assertNotEqual(done.returncode, 0)
        self.assertRegex(done.stderr, "GLIBC|GLIBCXX")

    def test_librocm_smi64_of_the_machine_is_used_with_its_other_libraries(self):
        root = self.old_root()
        self.with_rocm_smi(root, "libdrm_amdgpu.so.1", "libpthread.so.0", "libdl.so.2", "librt.so.1")
        # What the directory of the library has comes first, and would not work with another libc.
        for name in ("libpthread.so.0", "libdl.so.2", "librt.so.1"):
            shutil.copy(root.path / LIBRARIES / name, root.path / ROCM / name)
        done = root.run("/opt/rig/bin/rig_gpu_probe", "--once", environment={"LD_DEBUG": "files"})
        # The programs before it are dynamic, too.
        own = done.stderr.rpartition("transferring control: unshare")[2]
        loaded = set(re.findall(r"calling init: (/\S+)", own))
        report, gpus = self.probe(root)
        self.assertEqual((report["source"], len(gpus)), ("rocm_smi", 2), report)
        self.assertIn(f"/{ROCM}/librocm_smi64.so.5", loaded)
        self.assertIn("/lib/x86_64-linux-gnu/libdrm_amdgpu.so.1", loaded)
        self.assertFalse({file for file in loaded if re.search(r"/lib(c|m|pthread|dl|rt|stdc\+\+|gcc_s)\.so", file)
                          and not re.match(r"/opt/rig/(libexec/rig_gpu_probe/\.\./\.\./)?lib/", file)}, loaded)

    def test_a_library_that_cannot_be_loaded_is_named_and_gpus_are_read_from_sysfs(self):
        root = self.old_root()
        self.with_rocm_smi(root, "libof_another_release.so.9")
        report, gpus = self.probe(root)
        self.assertEqual((report["source"], len(gpus)), ("sysfs", 2))
        self.assertIn("libof_another_release.so.9", json.dumps(report))

    def test_without_the_library_gpus_are_read_from_sysfs(self):
        root = self.old_root()
        shutil.copytree(root.path / "machine/sys", root.path / "sys", symlinks=True)
        report, gpus = self.probe(root)
        self.assertEqual((report["source"], len(gpus)), ("sysfs", 2))
        self.assertIn("librocm_smi64", json.dumps(report))

