#!/usr/bin/env python3
"""Builds the container image and runs it as docs/containers.md says. Needs Docker, and Debian's packages from the network.

  image_test.py
"""
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

from prometheus_process import ROOT, free_port

IMAGE = "rig_exporter:test"
MOST_COMPRESSED_BYTES = 20_000_000
HARDENED = ("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges")
# The default profile of an old Docker, as far as clone3 is concerned.
OLD_PROFILE = {"defaultAction": "SCMP_ACT_ALLOW",
               "syscalls": [{"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1}]}


def docker(*arguments, **options):
    return subprocess.run(["docker", *arguments], **{"stdout": subprocess.PIPE, "text": True, "check": True, **options})


def run(*arguments, **options):
    """The network of the host: there is no other one in some test machines."""
    return docker("run", "--rm", "--network", "host", *HARDENED, *arguments, stderr=subprocess.PIPE, check=False,
                  timeout=120, **options)


class Image(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.revision = subprocess.run(["git", "describe", "--always", "--dirty", "--abbrev=12"], cwd=ROOT,
                                      stdout=subprocess.PIPE, text=True, check=False).stdout.strip()
        build = [ROOT / "deploy/image/build", "--tag", IMAGE, "--network", "host"]
        subprocess.run(build, stdin=subprocess.DEVNULL, check=True, timeout=1800)
        cls.config = json.loads(docker("image", "inspect", IMAGE).stdout)[0]["Config"]

    def test_its_user_and_labels(self):
        self.assertEqual(self.config["User"], "65532:65532")
        labels = {name.removeprefix("org.opencontainers.image."): value for name, value in self.config["Labels"].items()}
        version = re.search(r"project\(rig_exporter VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text())[1]
        self.assertEqual((labels["title"], labels["version"], labels["revision"]),
                         ("rig_exporter", version, self.revision or "unknown"))
        self.assertIn(f"rig_exporter {version} ({self.revision or 'unknown'}), ", run(IMAGE, "--version").stdout)

    def test_it_contains_nothing_else(self):
        container = docker("create", "--network", "host", IMAGE).stdout.strip()
        try:
            listing = docker("export", container, stdout=subprocess.PIPE, text=False).stdout
        finally:
            docker("rm", container)
        names = subprocess.run(["tar", "-t"], input=listing, stdout=subprocess.PIPE, check=True).stdout.decode().split("\n")
        # The engine adds these to every container.
        files = {name for name in names if name and not name.endswith("/")} - {".dockerenv", "dev/console", "etc/hostname",
                                                                             "etc/hosts", "etc/mtab", "etc/resolv.conf"}
        expected = re.compile(
            r"usr/local/bin/rig_(exporter|gpu_probe)|usr/local/lib/([\w-]+/)?rig_exporter/rig_\w+\.so|lib(64)?|"
            r"usr/lib(64)?/([\w-]+/)?[\w.+-]+\.so(\.\d+)*|usr/share/libdrm/amdgpu.ids|"
            r"etc/(passwd|group|nsswitch.conf|debian_version)|usr/share/doc/[^/]+/copyright|var/lib/dpkg/status.d/[^/]+")
        self.assertEqual([name for name in sorted(files) if not expected.fullmatch(name)], [])
        for library in ("librocm_smi64.so", "rig_rocm_smi.so", "rig_tls.so"):
            self.assertTrue(any(library in name for name in files), f"{library} is missing")

    def test_its_compressed_size(self):
        with tempfile.TemporaryFile() as compressed:
            with subprocess.Popen(["docker", "save", IMAGE], stdout=subprocess.PIPE) as save:
                subprocess.run(["gzip", "-c"], stdin=save.stdout, stdout=compressed, check=True)
            self.assertEqual(save.returncode, 0)
            self.assertLessEqual(compressed.seek(0, 2), MOST_COMPRESSED_BYTES)

    def succeeded(self, result):
        self.assertEqual(result.returncode, 0, result.stderr)
        return dict(re.findall(r'^rig_collector_success\{collector="(\w+)"\} (\S+)$', result.stdout, re.M))

    def test_a_hardened_container_needs_the_root_filesystem_of_the_host_for_filesystems_only(self):
        result = run(IMAGE, "--once")
        succeeded = self.succeeded(result)
        self.assertEqual({name for name, value in succeeded.items() if value != "1"}, {"filesystem"}, result.stderr)
        self.assertIn("--path.rootfs", result.stderr)
        # The name of the image's system is not that of the host.
        self.assertRegex(result.stdout, r'\nrig_host_info\{.*os=""\} 1\n')

    def test_all_collectors_work_with_the_root_filesystem_of_the_host(self):
        result = run("--pid", "host", "-v", "/:/rootfs:ro,rslave", IMAGE, "--once", "--path.rootfs=/rootfs")
        self.assertEqual(set(self.succeeded(result).values()), {"1"}, result.stderr)
        self.assertRegex(result.stdout, r'\nrig_host_info\{.*os="[^"]+"\} 1\n')

    def test_the_machine_of_another_root_is_exported(self):
        rig = ROOT / "tests/rigs/rx6800x2-raid0"
        result = run("-v", f"{rig}:/rig:ro", IMAGE, "--once", "--path.procfs=/rig/proc", "--path.sysfs=/rig/sys",
                     "--path.rootfs=/rig")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("\nrig_gpus 2\n", result.stdout)
        self.assertIn('\nrig_raid_array_usable{array="md0"} 1\n', result.stdout)

    def test_the_health_check_follows_the_address(self):
        with tempfile.TemporaryDirectory(prefix="rig_image.") as directory:
            pathlib.Path(directory).chmod(0o755)
            port = free_port()
            (pathlib.Path(directory) / "rig.yml").write_text(f"web: {{listen-address: ['127.0.0.1:{port}']}}\n")
            for flags in ([f"--web.listen-address=127.0.0.1:{port}"], ["--config.file=/config/rig.yml"]):
                with self.subTest(flags):
                    container = docker("run", "-d", "--network", "host", *HARDENED, "--health-interval=1s", "-v",
                                       f"{directory}:/config:ro", IMAGE, *flags).stdout.strip()
                    try:
                        self.wait_until_healthy(container)
                    finally:
                        docker("rm", "--force", container)

    def wait_until_healthy(self, container):
        end = time.monotonic() + 90
        while True:
            state = json.loads(docker("inspect", container).stdout)[0]["State"]
            if state["Health"]["Status"] == "healthy":
                return
            self.assertLess(time.monotonic(), end, state)
            time.sleep(0.5)

    def test_the_error_of_an_old_docker_names_the_remedy(self):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as profile:
            json.dump(OLD_PROFILE, profile)
            profile.flush()
            result = run("--security-opt", f"seccomp={profile.name}", IMAGE, "--once")
            self.assertEqual(result.returncode, 1, result.stderr)
            self.assertIn("a seccomp filter rejects clone3", result.stderr)


if __name__ == "__main__":
    if not shutil.which("docker"):
        print("docker is not installed")
        sys.exit(77)
    if docker("version", stderr=subprocess.STDOUT, check=False).returncode != 0:
        print("the Docker engine is not running, or this user may not use it")
        sys.exit(77)
    unittest.main(verbosity=2)
