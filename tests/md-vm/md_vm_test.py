#!/usr/bin/env python3
"""Real arrays of a real kernel in a virtual machine: compares the exporter's metrics with mdadm and md's files.

  md_vm_test.py EXPORTER SUITE DIRECTORY [SCENARIO...]
  md_vm_test.py --fetch DIRECTORY SUITE...

SUITE is the Debian release whose kernel is booted; DIRECTORY contains the downloads and the captures.
"""
import pathlib
import platform
import re
import shutil
import subprocess
import sys

import debian
import evaluate
import machine
from initramfs import Initramfs, Modules

HERE = pathlib.Path(__file__).resolve().parent
SKIPPED = 77
SECONDS = 840
PACKAGES = ("busybox-static", "mdadm", "udev", "e2fsprogs", "libkmod2")
PROGRAMS = {"bin/busybox": "busybox-static", "bin/udevadm": "udev", "sbin/mdadm": "mdadm", "sbin/mdmon": "mdadm",
            "sbin/mke2fs": "e2fsprogs"}
RULES = ("50-udev-default", "60-block", "60-persistent-storage", "63-md-raid-arrays", "64-md-raid-assembly",
         "01-md-raid-creating")
MODULES = ("virtio_pci", "virtio_blk", "sd_mod", "nvme", "raid0", "raid1", "raid10", "raid456", "linear", "ext4",
           "scsi_debug")


def find(directories, path):
    """The path of a file in one of the packages, in / or in /usr."""
    for directory in directories:
        for prefix in ("", "usr"):
            if (directory / prefix / path).is_file():
                return directory / prefix / path
    raise debian.NotAvailable(f"no package contains {path}")


def make_initramfs(exporter, kernel, userland, scenarios):
    image = Initramfs()
    image.add_console()
    image.add_link("usr", ".")
    for directory in ("proc", "sys", "run", "etc/mdadm"):
        image.add_directory(directory)
    directories = list(userland.values())
    libraries = sorted({path.parent.resolve() for directory in directories for path in directory.rglob("lib*.so.*")})
    for path, package in PROGRAMS.items():
        image.add_program(find([userland[package]], path), path, libraries)
    image.add_program(exporter, "bin/rig_exporter", libraries)
    image.add_program(find(directories, "lib/udev/scsi_id"), "lib/udev/scsi_id", libraries)
    image.add_link("bin/sh", "busybox")
    image.add_link("lib/systemd/systemd-udevd", "/bin/udevadm")
    for rule in RULES:
        path = f"lib/udev/rules.d/{rule}.rules"
        image.add(path, find(directories, path).read_bytes())
    modules = Modules(kernel).with_dependencies(MODULES)
    for name, data in modules.items():
        image.add(f"modules/{name}", data)
    image.add("modules/order", "".join(name + "\n" for name in modules).encode())
    for path in (HERE / "guest").iterdir():
        image.add(f"guest/{path.name}", path.read_bytes(), 0o755)
    image.add("guest/scenarios", " ".join(scenarios).encode())
    image.add("etc/mke2fs.conf", find(directories, "etc/mke2fs.conf").read_bytes())
    image.add("init", (HERE / "guest/init").read_bytes(), 0o755)
    return image


def boot(exporter, suite, directory, name, scenarios):
    """The directory with the files that a machine captured, in `directory`/`name`."""
    if platform.machine() != "x86_64":
        raise debian.NotAvailable("the virtual machine needs an x86-64 host")
    machine.emulator()
    own = debian.Suite(debian.host_suite(), directory)
    userland = {name: own.package(name) for name in PACKAGES}
    kernel = debian.Suite(suite, directory).kernel()
    work = directory / name
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    make_initramfs(exporter, kernel, userland, scenarios).write(work / "initramfs")
    try:
        result = machine.run(next(kernel.glob("boot/vmlinuz-*")), work / "initramfs", work, SECONDS)
        # The archive is followed by zeros up to the size of the disk.
        (work / "capture").mkdir()
        subprocess.run(["tar", "-x", "-f", result, "-C", work / "capture"], stderr=subprocess.DEVNULL, check=False)
        assert (work / "capture/kernel").exists(), "it did not complete"
    except AssertionError as error:
        console = (work / "console").read_text(errors="replace").splitlines()
        sys.exit("\n".join([*console[-40:], f"the virtual machine returned no results: {error}"]))
    print(re.sub(r"(?m)^(?!--).*\n?", "", (work / "console").read_text(errors="replace")))
    return work / "capture"


def capture(exporter, suite, directory, scenarios):
    """The directories with the captured files, one for each boot, and whether all scenarios were completed.

    md or udev may hang, rarely and not because of the exporter, and then only a reboot helps. The scenario in which it
    happens is run once more, and the rest after it; a scenario that hangs twice ends the test."""
    captures, tried = [], set()
    while True:
        captures.append(boot(exporter, suite, directory, f"run-{suite}-{len(captures) + 1}", scenarios))
        if not (captures[-1] / "hung").exists():
            return captures, True
        scenario = (captures[-1] / "hung").read_text().strip()
        if scenario in tried:
            return captures, False
        tried.add(scenario)
        scenarios = scenarios[scenarios.index(scenario):]
        for stage in captures[-1].glob(f"{scenario}_*/"):
            shutil.rmtree(stage)
        print(f"repeating {scenario} in another machine, as it was not completed")


def fetch(directory, suites):
    """Downloads everything that the virtual machines need; prints what is not available and continues."""
    def fetch_programs():
        # From this machine's release, as the programs use its libraries.
        own = debian.Suite(debian.host_suite(), directory)
        for package in PACKAGES:
            own.fetch(package)

    for step in (fetch_programs, *(debian.Suite(suite, directory).fetch_kernel for suite in suites)):
        try:
            step()
        except debian.NotAvailable as error:
            print(f"{error}; tests that need it will be skipped")


def main():
    if sys.argv[1] == "--fetch":
        fetch(sys.argv[2], sys.argv[3:])
        return 0
    exporter, suite, directory, *scenarios = sys.argv[1:]
    scenarios = scenarios or (HERE / "guest/scenarios").read_text().split()
    try:
        captures, completed = capture(exporter, suite, pathlib.Path(directory).resolve(), scenarios)
    except debian.NotAvailable as error:
        print(f"skipped: {error}")
        return SKIPPED
    equal = evaluate.print_report(evaluate.evaluate(captures, scenarios))
    return 0 if equal and completed else 1


sys.exit(main())
