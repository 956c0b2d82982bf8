#!/usr/bin/env python3
"""Real arrays of a real kernel in a virtual machine: what the exporter says of them, against mdadm and md's own files.

  md_vm_test.py EXPORTER SUITE FOLDER [LIFE...]
  md_vm_test.py --fetch FOLDER SUITE...

SUITE is the Debian release whose kernel is booted; FOLDER keeps what was fetched and what was captured.
"""
import pathlib
import platform
import re
import shutil
import subprocess
import sys

import debian
import judge
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


def find(folders, path):
    """A file of a package, in / or in /usr."""
    for folder in folders:
        for prefix in ("", "usr"):
            if (folder / prefix / path).is_file():
                return folder / prefix / path
    raise debian.NotToBeHad(f"no package has {path}")


def make_initramfs(exporter, kernel, userland, lives):
    image = Initramfs()
    image.add_console()
    image.add_link("usr", ".")
    for folder in ("proc", "sys", "run", "etc/mdadm"):
        image.add_folder(folder)
    folders = list(userland.values())
    libraries = sorted({path.parent.resolve() for folder in folders for path in folder.rglob("lib*.so.*")})
    for path, package in PROGRAMS.items():
        image.add_program(find([userland[package]], path), path, libraries)
    image.add_program(exporter, "bin/rig_exporter", libraries)
    image.add_program(find(folders, "lib/udev/scsi_id"), "lib/udev/scsi_id", libraries)
    image.add_link("bin/sh", "busybox")
    image.add_link("lib/systemd/systemd-udevd", "/bin/udevadm")
    for rule in RULES:
        path = f"lib/udev/rules.d/{rule}.rules"
        image.add(path, find(folders, path).read_bytes())
    modules = Modules(kernel).with_all_they_need(MODULES)
    for name, data in modules.items():
        image.add(f"modules/{name}", data)
    image.add("modules/order", "".join(name + "\n" for name in modules).encode())
    for path in (HERE / "guest").iterdir():
        image.add(f"guest/{path.name}", path.read_bytes(), 0o755)
    if lives:
        image.add("guest/lives", " ".join(lives).encode())
    image.add("etc/mke2fs.conf", find(folders, "etc/mke2fs.conf").read_bytes())
    image.add("init", (HERE / "guest/init").read_bytes(), 0o755)
    return image


def boot(exporter, suite, folder, lives):
    """The folder of what was captured."""
    if platform.machine() != "x86_64":
        raise debian.NotToBeHad("the virtual machine runs x86-64 kernels only, and with this machine's programs")
    machine.emulator()
    own = debian.Suite(debian.host_suite(), folder)
    userland = {name: own.package(name) for name in PACKAGES}
    kernel = debian.Suite(suite, folder).kernel()
    work = folder / f"run-{suite}"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    make_initramfs(exporter, kernel, userland, lives).write(work / "initramfs")
    try:
        result = machine.run(next(kernel.glob("boot/vmlinuz-*")), work / "initramfs", work, SECONDS)
        # It ends at the archive's end, long before the file's.
        (work / "capture").mkdir()
        subprocess.run(["tar", "-x", "-f", result, "-C", work / "capture"], stderr=subprocess.DEVNULL, check=False)
        assert (work / "capture/kernel").exists(), "it did not come to its end"
    except AssertionError as error:
        console = (work / "console").read_text(errors="replace").splitlines()
        sys.exit("\n".join([*console[-40:], f"nothing came out of the virtual machine: {error}"]))
    print(re.sub(r"(?m)^(?!--).*\n?", "", (work / "console").read_text(errors="replace")))
    return work / "capture"


def fetch(folder, suites):
    """Gets what the machines are made of; says what is not to be had, and goes on without it."""
    def fetch_programs():
        # Those of this machine's Debian, as they share its libraries.
        own = debian.Suite(debian.host_suite(), folder)
        for package in PACKAGES:
            own.fetch(package)

    for step in (fetch_programs, *(debian.Suite(suite, folder).fetch_kernel for suite in suites)):
        try:
            step()
        except debian.NotToBeHad as error:
            print(f"{error}; tests with it will be skipped")


def main():
    if sys.argv[1] == "--fetch":
        fetch(sys.argv[2], sys.argv[3:])
        return 0
    exporter, suite, folder, *lives = sys.argv[1:]
    try:
        captured = boot(exporter, suite, pathlib.Path(folder).resolve(), lives)
    except debian.NotToBeHad as error:
        print(f"skipped: {error}")
        return SKIPPED
    return 0 if judge.report(judge.judge(captured, lives)) else 1


sys.exit(main())
