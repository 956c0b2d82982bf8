#!/usr/bin/env python3
"""The Debian package: cpack builds it from the programs of this build; then its contents, lintian, and the programs in it.

  deb_test.py BUILD_DIRECTORY CPACK
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD, CPACK = None, None


def run(*command, **options):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=120, **options)


def output_of(*command):
    done = run(*command)
    if done.returncode != 0:
        raise AssertionError(f"{command}: {done.stdout}{done.stderr}")
    return done.stdout


class DebianPackage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory(prefix="rig_deb.")
        cls.addClassCleanup(cls.temporary.cleanup)
        directory = pathlib.Path(cls.temporary.name)
        # Compression takes most of the time.
        output_of(CPACK, "--config", BUILD / "CPackConfig.cmake", "-G", "DEB", "-B", directory / "made",
                  "-D", "CPACK_DEBIAN_COMPRESSION_TYPE=gzip")
        (cls.package,) = (directory / "made").glob("rig-exporter_*.deb")
        cls.control = directory / "control"
        cls.root = directory / "root"
        output_of("dpkg-deb", "--control", cls.package, cls.control)
        output_of("dpkg-deb", "--extract", cls.package, cls.root)

    def field(self, name):
        return output_of("dpkg-deb", "--field", self.package, name).strip()

    def program(self, name):
        return self.root / "usr/bin" / name

    def test_it_contains_everything(self):
        files = {str(path.relative_to(self.root)) for path in self.root.rglob("*") if path.is_file()}
        expected = {
            "etc/default/rig_exporter", "etc/rig_exporter/rig.yml", "usr/bin/rig_exporter", "usr/bin/rig_gpu_probe",
            "usr/lib/systemd/system/rig_exporter.service", "usr/lib/systemd/system/rig_exporter.socket",
            "usr/share/bash-completion/completions/rig_exporter", "usr/share/zsh/site-functions/_rig_exporter",
            "usr/share/fish/vendor_completions.d/rig_exporter.fish", "usr/share/man/man1/rig_exporter.1.gz",
            "usr/share/man/man1/rig_gpu_probe.1.gz", "usr/share/doc/rig-exporter/copyright",
            "usr/share/doc/rig-exporter/changelog.gz", "usr/share/doc/rig-exporter/changelog.Debian.gz"}
        for directory, pattern, installed in (("deploy/prometheus", "*.rules.yml", "prometheus"),
                                              ("deploy/alertmanager", "*.yml", "alertmanager"),
                                              ("docs/alerts", "*.md", "alerts"),
                                              ("grafana/dashboards", "*.json", "grafana")):
            expected |= {f"usr/share/rig_exporter/{installed}/{path.name}" for path in (SOURCE / directory).glob(pattern)}
        modules = {"rig_tls.so"} | ({"rig_rocm_smi.so"} if (BUILD / "bin/rig_rocm_smi.so").exists() else set())
        found_modules = {path for path in files if re.fullmatch(r"usr/lib/([^/]+/)?rig_exporter/\w+\.so", path)}
        self.assertEqual({pathlib.Path(path).name for path in found_modules}, modules)
        self.assertEqual(files - found_modules, expected)

    def test_every_file_in_etc_is_a_configuration_file(self):
        in_etc = {f"/{path.relative_to(self.root)}" for path in (self.root / "etc").rglob("*") if path.is_file()}
        self.assertEqual(set((self.control / "conffiles").read_text().split()), in_etc)

    def test_it_depends_on_the_libraries_but_librocm_smi64(self):
        depends = self.field("Depends")
        for library in ("libc6", "libstdc++6", "libudev1", "libgnutls30", "libyaml-cpp"):
            self.assertIn(library, depends)
        self.assertNotIn("rocm", depends)
        self.assertIn("librocm-smi64-1", self.field("Recommends"))

    def test_a_later_release_of_debian_has_the_later_version(self):
        self.assertRegex(self.field("Version"), r"^\d+\.\d+\.\d+-\d+~[a-z]+[\d.]*$")

    def test_programs_and_modules_are_stripped_and_have_no_path_of_this_machine(self):
        for path in [*(self.root / "usr/bin").iterdir(), *(self.root / "usr/lib").rglob("*.so")]:
            self.assertNotIn(".debug_info", output_of("readelf", "--sections", "--wide", path), path)
            self.assertNotRegex(output_of("readelf", "--dynamic", path), "RPATH|RUNPATH", path)

    def test_the_programs_run(self):
        version = output_of(self.program("rig_exporter"), "--version")
        self.assertRegex(version, r"^rig_exporter \d")
        self.assertRegex(output_of(self.program("rig_gpu_probe"), "--version"), r"^rig_gpu_probe \d")
        # The modules are found where the package has them.
        rig = SOURCE / "tests/rigs/rx6800x2-raid0"
        once = output_of(self.program("rig_exporter"), "--once", f"--path.procfs={rig}/proc", f"--path.sysfs={rig}/sys",
                         f"--path.rootfs={rig}")
        self.assertIn("rig_gpu_power_watts{", once)

    def test_the_installed_configuration_is_valid_and_changes_nothing(self):
        file = f"--config.file={self.root}/etc/rig_exporter/rig.yml"
        self.assertEqual(output_of(self.program("rig_exporter"), "--config.print", file),
                         output_of(self.program("rig_exporter"), "--config.print"))
        self.assertIn('RIG_EXPORTER_ARGS="--config.file=/etc/rig_exporter/rig.yml"',
                      (self.root / "etc/default/rig_exporter").read_text())

    def test_every_setting_is_in_the_installed_configuration(self):
        text = (self.root / "etc/rig_exporter/rig.yml").read_text()
        for line in output_of(self.program("rig_exporter"), "--config.print").splitlines():
            if line.startswith("  "):
                key = line.strip("# ").split(":")[0]
                self.assertRegex(text, rf"(?m)^  #{re.escape(key)}: ", key)

    def test_manual_pages_are_shown_without_warnings(self):
        if shutil.which("man") is None:
            self.skipTest("man is not installed")
        for page in (self.root / "usr/share/man/man1").iterdir():
            done = run("man", "--warnings", "-E", "UTF-8", "-l", page, env={**os.environ, "MANROFFSEQ": "", "MANWIDTH": "80"})
            self.assertEqual((done.returncode, done.stderr), (0, ""), page.name)
            self.assertIn("rig", done.stdout)

    def test_scripts_of_the_package_have_no_syntax_errors(self):
        for name in ("preinst", "postinst", "prerm", "postrm"):
            self.assertTrue(os.access(self.control / name, os.X_OK), name)
            output_of("sh", "-n", self.control / name)

    def test_dpkg_unpacks_it(self):
        if shutil.which("unshare") is None or run("unshare", "-r", "true").returncode != 0:
            self.skipTest("no user namespace")
        with tempfile.TemporaryDirectory(prefix="rig_dpkg.") as root:
            for directory in ("updates", "info"):
                os.makedirs(f"{root}/var/lib/dpkg/{directory}")
            open(f"{root}/var/lib/dpkg/status", "w").close()

            def dpkg(*options):
                # Dependencies are not there, and its scripts are for a whole system.
                path = os.environ["PATH"] + ":/usr/sbin:/sbin"
                return run("unshare", "-r", "dpkg", f"--root={root}", "--force-not-root", "--force-depends",
                           "--force-script-chrootless", "--log=/dev/null", *options, env={**os.environ, "PATH": path})

            done = dpkg("--unpack", self.package)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertTrue(os.path.exists(f"{root}/usr/bin/rig_exporter"))
            # As yet unconfigured, conffiles wait beside their final names.
            self.assertTrue(os.path.exists(f"{root}/etc/rig_exporter/rig.yml.dpkg-new"))

    def test_lintian_finds_no_errors(self):
        if shutil.which("lintian") is None:
            self.skipTest("lintian is not installed")
        done = run("lintian", "--fail-on", "error", self.package)
        self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)


if __name__ == "__main__":
    BUILD, CPACK = pathlib.Path(sys.argv[1]), sys.argv[2]
    del sys.argv[1:3]
    for program in ("dpkg-deb", "dpkg-shlibdeps", "file"):
        if shutil.which(program) is None:
            print(f"{program} is not installed")
            sys.exit(77)
    unittest.main(verbosity=2)
