#!/usr/bin/env python3
"""The tarball, made from the programs of this build unless it is given: its contents; it runs in a
directory tree without any library, from any directory, and with TLS. Then install.sh, and the userland of an old Debian.

  tarball_test.py BUILD_DIRECTORY [ARCHIVE]
"""
import hashlib
import json
import os
import pathlib
import re
import ssl
import sys
import unittest
import urllib.request

from install_script_cases import InstallScript  # noqa: F401
from old_debian_cases import OldDebian  # noqa: F401
from old_kernel import refuse_later_system_calls
from tarball import BUILD, RIG, RIG_FLAGS, SOURCE, TarballTestCase, missing_tools, output_of, unpacked_tarball

sys.path.insert(0, str(SOURCE / "tests/integration"))
from certificates import Certificates  # noqa: E402


def series_names(exposition):
    return {line.rsplit(" ", 1)[0] for line in exposition.splitlines() if not line.startswith("#")}


class Tarball(TarballTestCase):
    def test_the_sums_are_those_of_all_files(self):
        files = {str(path.relative_to(unpacked_tarball())) for path in unpacked_tarball().rglob("*")
                 if path.is_file() and not path.is_symlink()}
        listed = dict(reversed(line.split("  ")) for line in (unpacked_tarball() / "SHA256SUMS").read_text().splitlines())
        self.assertEqual(set(listed), files - {"SHA256SUMS"})
        output_of("sha256sum", "--check", "--quiet", "--strict", "SHA256SUMS", cwd=unpacked_tarball())

    def test_the_bill_of_materials_has_every_library_with_version_and_license(self):
        bill = json.loads((unpacked_tarball() / "sbom.cdx.json").read_text())
        self.assertEqual((bill["bomFormat"], bill["metadata"]["component"]["name"]), ("CycloneDX", "rig_exporter"))
        hashes = {}
        for component in bill["components"]:
            name = component["name"]
            self.assertEqual(component["version"], output_of("dpkg-query", "-W", "-f", "${Version}", name), name)
            self.assertTrue(component["licenses"][0]["expression"], name)
            self.assertGreater((unpacked_tarball() / f"share/doc/licenses/{name}.copyright").stat().st_size, 500, name)
            for file in component.get("components", []):
                hashes[file["name"]] = file["hashes"][0]["content"]
        self.assertEqual(hashes, {f"lib/{path.name}": hashlib.sha256(path.read_bytes()).hexdigest()
                                  for path in (unpacked_tarball() / "lib").iterdir()})
        names = {component["name"] for component in bill["components"]}
        self.assertLessEqual({"libc6", "libstdc++6", "libcli11-dev", "nlohmann-json3-dev"}, names)

    def test_rules_dashboards_units_and_what_the_programs_print_are_in_it(self):
        share = unpacked_tarball() / "share"
        for directory, pattern, installed in (("deploy/prometheus", "*.rules.yml", "rig_exporter/prometheus"),
                                              ("deploy/alertmanager", "*.yml", "rig_exporter/alertmanager"),
                                              ("docs/alerts", "*.md", "rig_exporter/alerts"),
                                              ("grafana/dashboards", "*.json", "rig_exporter/grafana"),
                                              ("deploy", "rig_exporter.s*", "systemd")):
            expected = {path.name: path.read_bytes() for path in (SOURCE / directory).glob(pattern)}
            self.assertEqual({path.name: path.read_bytes() for path in (share / installed).iterdir()}, expected)
        example = output_of(BUILD / "bin/rig_exporter", "--config.example")
        self.assertEqual((share / "rig_exporter/rig.yml").read_text(), example)
        for file in ("man/man1/rig_exporter.1.gz", "man/man1/rig_gpu_probe.1.gz", "bash-completion/completions/rig_exporter"):
            self.assertTrue((share / file).is_file(), file)

    def expected_series(self):
        flags = (f"--path.procfs={RIG}/proc", f"--path.sysfs={RIG}/sys", f"--path.rootfs={RIG}")
        names = series_names(output_of(BUILD / "bin/rig_exporter", "--once", *flags))
        self.assertTrue(any(name.startswith("rig_gpu_power_watts{") for name in names))
        return {name.replace(str(RIG), "/machine") for name in names}

    def test_it_exports_the_same_without_any_library_on_the_machine(self):
        for place in ("opt/rig", "a directory/in another"):
            found = self.empty_root(place).run(f"/{place}/bin/rig_exporter", "--once", *RIG_FLAGS)
            self.assertEqual(found.returncode, 0, found.stderr)
            self.assertEqual(series_names(found.stdout), self.expected_series())

    def test_it_exports_the_same_with_the_system_calls_of_linux_5_4(self):
        found = self.empty_root().run("/opt/rig/bin/rig_exporter", "--once", *RIG_FLAGS, before=refuse_later_system_calls)
        self.assertEqual(found.returncode, 0, found.stderr)
        self.assertEqual(series_names(found.stdout), self.expected_series())

    def test_a_link_to_a_program_runs_it(self):
        root = self.empty_root()
        (root.path / "bin").mkdir()
        (root.path / "bin/exporter").symlink_to("/opt/rig/bin/rig_exporter")
        found = root.run("/bin/exporter", "--version")
        self.assertEqual((found.returncode, found.stdout), (0, output_of(BUILD / "bin/rig_exporter", "--version")))
        found = root.run("/opt/rig/bin/rig_gpu_probe", "--version")
        self.assertEqual((found.returncode, found.stdout), (0, output_of(BUILD / "bin/rig_gpu_probe", "--version")))

    def test_what_is_missing_is_named(self):
        root = self.empty_root()
        (root.path / "opt/rig/lib/ld-linux-x86-64.so.2").unlink()
        found = root.run("/opt/rig/bin/rig_exporter", "--version")
        self.assertEqual((found.returncode, found.stderr),
                         (127, "/opt/rig/lib/ld-linux-x86-64.so.2: No such file or directory\n"))

    def test_it_serves_with_tls_and_uses_files_of_its_own_only(self):
        root = self.empty_root()
        certificates = Certificates(root.path / "machine")
        certificates.make("server")
        (root.path / "machine/web.yml").write_text(
            "tls_server_config: {cert_file: /machine/server.crt, key_file: /machine/server.key}\n")
        with root.exporter("/opt/rig/bin/rig_exporter", *RIG_FLAGS, "--web.config.file=/machine/web.yml") as exporter:
            trusted = ssl.create_default_context(cafile=certificates.path("ca.crt"))
            url = f"https://127.0.0.1:{exporter.port}/metrics"
            text = urllib.request.urlopen(url, context=trusted, timeout=60).read().decode()
            self.assertIn("rig_gpu_power_watts{", text)
            processes = exporter.processes()
            self.assertEqual(set(processes), {"rig_exporter", "rig_gpu_probe"})
            for name, pid in processes.items():
                # Seen from outside of a chroot in which the tests may run, as the other paths.
                own = os.readlink(f"/proc/{pid}/root") + "/opt/rig/"
                self.assertEqual(os.readlink(f"/proc/{pid}/exe"), f"{own}libexec/{name}/{name}")
                maps = pathlib.Path(f"/proc/{pid}/maps").read_text()
                files = set(re.findall(r" (/.*)$", maps, re.MULTILINE))
                self.assertEqual({file for file in files if not file.startswith(own)}, set())
                self.assertIn(f"{own}lib/libc.so.6", files)
                # The descriptor of the loader is closed.
                opened = [os.readlink(f"/proc/{pid}/fd/{number}") for number in os.listdir(f"/proc/{pid}/fd")]
                self.assertFalse([file for file in opened if "ld-linux" in file])
            self.assertIn("libgnutls", pathlib.Path(f"/proc/{processes['rig_exporter']}/maps").read_text())


if __name__ == "__main__":
    del sys.argv[1:3]
    if missing_tools():
        print(missing_tools())
        sys.exit(77)
    unittest.main(verbosity=2)
