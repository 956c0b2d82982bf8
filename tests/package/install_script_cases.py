"""install.sh of the tarball, with the tools of busybox and nothing else; and a systemctl that records how it is called."""
import shutil

from tarball import TarballTestCase, run

SYSTEMCTL = """#!/bin/sh
printf '%s\\n' "$*" >>/calls
case $* in *is-active*) [ -e /active ] ;; esac
"""


class InstallScript(TarballTestCase):
    def setUp(self):
        busybox = shutil.which("busybox")
        if busybox is None or "statically linked" not in run("file", "-L", busybox).stdout:
            self.skipTest("no statically linked busybox is installed (busybox-static)")
        self.root = self.empty_root("unpacked")
        self.path = self.root.path
        for directory in ("bin", "etc"):
            (self.path / directory).mkdir()
        shutil.copy(busybox, self.path / "bin/busybox")
        (self.path / "bin/sh").symlink_to("busybox")
        self.assertEqual(self.root.run("/bin/busybox", "--install", "-s", "/bin").returncode, 0)
        (self.path / "etc/group").write_text("root:x:0:\nvideo:x:44:\n")

    def install(self, *arguments, status=0, script="/unpacked/install.sh"):
        done = self.root.run(script, *arguments)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def files_outside(self, *directories):
        """All files with their contents, but for those below these directories."""
        ignored = ("unpacked", "machine", "proc", "dev", "calls", *directories)
        return {str(path.relative_to(self.path)): path.read_bytes() for path in self.path.rglob("*")
                if path.is_file() and not str(path.relative_to(self.path)).startswith(ignored)}

    def with_systemd(self):
        (self.path / "run/systemd/system").mkdir(parents=True)
        for name, text in (("systemctl", SYSTEMCTL), ("groupadd", '#!/bin/sh\necho "groupadd $*" >>/calls\n')):
            (self.path / "bin" / name).unlink(missing_ok=True)
            (self.path / "bin" / name).write_text(text)
            (self.path / "bin" / name).chmod(0o755)

    def calls(self):
        calls = self.path / "calls"
        text = calls.read_text() if calls.exists() else ""
        calls.write_text("")
        return text.splitlines()

    def test_without_a_service_it_writes_to_its_prefix_only(self):
        before = self.files_outside()
        self.assertIn("is installed in /srv/rig", self.install("--no-service", "--prefix=/srv/rig"))
        self.assertEqual(self.files_outside("srv"), before)
        shutil.rmtree(self.path / "unpacked")
        done = self.root.run("/srv/rig/bin/rig_exporter", "--config.check", "--config.file=/srv/rig/etc/rig.yml")
        self.assertEqual((done.returncode, done.stdout), (0, "the configuration is valid\n"), done.stderr)
        self.install("--uninstall", script="/srv/rig/install.sh")
        self.assertFalse((self.path / "srv/rig").exists())
        self.assertEqual(self.files_outside(), before)

    def test_a_service_is_installed_upgraded_and_removed(self):
        self.with_systemd()
        before = self.files_outside()
        self.install("--prefix", "/opt/rig/")
        unit = (self.path / "etc/systemd/system/rig_exporter.service").read_text()
        self.assertIn("\nExecStart=/opt/rig/bin/rig_exporter --config.file=/opt/rig/etc/rig.yml $RIG_EXPORTER_ARGS\n", unit)
        self.assertNotIn("/etc/default", unit)
        self.assertIn("\nSystemCallErrorNumber=ENOSYS\n", unit)
        self.assertEqual(set(self.files_outside("opt")) - set(before),
                         {"etc/systemd/system/rig_exporter.service", "etc/systemd/system/rig_exporter.socket"})
        self.assertEqual(self.calls(), ["groupadd --system render", "daemon-reload", "--quiet enable rig_exporter.service",
                                        "start rig_exporter.service"])
        with (self.path / "opt/rig/etc/rig.yml").open("a") as file:
            file.write("# changed\n")
        (self.path / "active").touch()
        (self.path / "opt/rig/bin/of_an_earlier_version").touch()
        self.install("--prefix=/opt/rig")
        self.assertIn("restart rig_exporter.service", self.calls())
        self.assertFalse((self.path / "opt/rig/bin/of_an_earlier_version").exists())
        self.assertTrue((self.path / "opt/rig/etc/rig.yml").read_text().endswith("# changed\n"))
        (self.path / "active").unlink()
        self.install("--prefix=/opt/rig")
        self.assertFalse([call for call in self.calls() if "start" in call])  # nor if it was stopped
        self.assertIn("is kept", self.install("--uninstall", "--prefix=/opt/rig"))
        self.assertEqual(self.calls(), ["--quiet disable --now rig_exporter.socket rig_exporter.service", "daemon-reload"])
        (self.path / "active").unlink(missing_ok=True)
        self.assertEqual(set(self.files_outside()) - set(before), {"opt/rig/etc/rig.yml"})

    def test_an_unchanged_configuration_follows_the_defaults(self):
        self.install("--no-service", "--prefix=/srv/rig")
        for file in ("etc/rig.yml", "share/rig_exporter/rig.yml"):
            (self.path / "srv/rig" / file).write_text("# of an earlier version\n")
        self.install("--no-service", "--prefix=/srv/rig")
        self.assertNotIn("earlier", (self.path / "srv/rig/etc/rig.yml").read_text())

    def test_nothing_is_changed_if_it_cannot_be_installed(self):
        before = self.files_outside()
        self.assertIn("systemd is not running here", self.install(status=1))
        self.assertIn("unknown argument --help-me", self.install("--help-me", status=1))
        self.assertIn("cannot be /", self.install("--prefix=/", "--uninstall", status=1))
        self.assertIn("there is no rig_exporter in /opt/rig_exporter", self.install("--uninstall", status=1))
        self.assertIn("neither empty nor", self.install("--no-service", "--prefix=/machine", status=1))
        self.with_systemd()
        unit = self.path / "etc/systemd/system/rig_exporter.service"
        unit.parent.mkdir(parents=True)
        unit.write_text("[Service]\nExecStart=/usr/local/bin/rig_exporter\n")
        self.assertIn("of another installation", self.install(status=1))
        self.assertEqual(unit.read_text(), "[Service]\nExecStart=/usr/local/bin/rig_exporter\n")
        self.assertFalse((self.path / "opt").exists())
        self.assertLessEqual(set(before), set(self.files_outside()))

    def test_a_damaged_tarball_is_not_installed(self):
        with (self.path / "unpacked/lib/libc.so.6").open("r+b") as file:
            file.seek(4096)
            file.write(b"damaged")
        self.assertIn("missing or damaged", self.install("--no-service", status=1))
        self.assertFalse((self.path / "opt").exists())
