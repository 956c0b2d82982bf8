#!/usr/bin/env python3
"""The scripts that .github/workflows/release.yml calls."""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
WORKFLOW = (SOURCE / ".github/workflows/release.yml").read_text()


def run(*command):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=60)


class ReleaseScripts(unittest.TestCase):
    def test_the_workflow_calls_scripts_that_exist_and_all_of_them(self):
        called = set(re.findall(r"\b(?:deploy/release|tests/package)/\w+(?:\.py)?", WORKFLOW))
        for script in called:
            self.assertTrue(os.access(SOURCE / script, os.X_OK), script)
        scripts = {f"deploy/release/{path.name}" for path in (SOURCE / "deploy/release").iterdir() if "." not in path.name}
        self.assertEqual({script for script in called if script.startswith("deploy")}, scripts)
        for script in scripts:
            self.assertEqual(run("bash", "-n", SOURCE / script).returncode, 0, script)

    def test_the_notes_are_the_changes_of_the_version_and_of_no_other_tag(self):
        version = re.search(r"project\(rig_exporter VERSION (\S+)", (SOURCE / "CMakeLists.txt").read_text()).group(1)
        with tempfile.TemporaryDirectory() as directory:
            copy = pathlib.Path(directory)
            shutil.copytree(SOURCE / "deploy/release", copy / "deploy/release")
            for file in ("CMakeLists.txt", "deploy/packages.sh"):
                shutil.copy(SOURCE / file, copy / file)
            (copy / "CHANGELOG.md").write_text(
                f"# Changelog\n\n## Unreleased\n\n* later\n\n## {version}0\n\n* other\n\n"
                f"## {version}\n\n* changed\n\n## 0.0.1\n\n* old\n")
            notes = run(copy / "deploy/release/notes", f"v{version}")
            self.assertEqual((notes.returncode, notes.stdout.strip()), (0, "* changed"), notes.stderr)
            self.assertIn("the version in CMakeLists.txt", run(copy / "deploy/release/notes", f"v{version}0").stderr)
            (copy / "CHANGELOG.md").write_text("# Changelog\n\n## Unreleased\n\n* later\n")
            none = run(copy / "deploy/release/notes", f"v{version}")
            self.assertEqual((none.returncode, none.stdout), (1, ""))
            self.assertIn("has no changes", none.stderr)

    def test_the_sums_are_those_of_all_files_that_are_published(self):
        with tempfile.TemporaryDirectory() as directory:
            packages = pathlib.Path(directory) / "build/packages"
            packages.mkdir(parents=True)
            shutil.copytree(SOURCE / "deploy/release", pathlib.Path(directory) / "deploy/release")
            for name in ("b.tar.gz", "a 1~deb12.deb", "SHA256SUMS"):
                (packages / name).write_text(name)
            done = run(pathlib.Path(directory) / "deploy/release/sums")
            self.assertEqual(done.returncode, 0, done.stderr)
            lines = (packages / "SHA256SUMS").read_text().splitlines()
            self.assertEqual([line.split("  ")[1] for line in lines], ["a 1~deb12.deb", "b.tar.gz"])
            checked = subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=packages, capture_output=True)
            self.assertEqual(checked.returncode, 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
