"""Starts a virtual machine and waits until it has powered itself off."""
import pathlib
import platform
import resource
import shutil
import subprocess
import time

from debian import NotToBeHad

RESULT_BYTES = 64 << 20
NVME_BYTES = 16 << 20


def emulator():
    found = shutil.which("qemu-system-x86_64")
    if not found:
        raise NotToBeHad("qemu-system-x86_64 is not installed")
    return found


def acceleration():
    """/dev/kvm alone is no proof: what others than the kernel's own modules offer does not boot every kernel."""
    own = any(pathlib.Path("/sys/module", name).exists() for name in ("kvm_intel", "kvm_amd"))
    if own and platform.machine() == "x86_64":
        try:
            with open("/dev/kvm", "r+b"):
                return ["-accel", "kvm", "-cpu", "host"]
        except OSError:
            pass
    return ["-accel", "tcg", "-cpu", "max"]


def run(kernel, initramfs, folder, seconds):
    """Returns the folder's file that the machine wrote its results to; its console is in `console` there."""
    folder = pathlib.Path(folder)
    result = blank(folder / "result.tar", RESULT_BYTES)
    disks = [blank(folder / f"nvme{number}", NVME_BYTES) for number in range(2)]
    command = [emulator(), *acceleration(), "-smp", "2", "-m", "1024", "-display", "none", "-nodefaults", "-no-reboot",
               "-nic", "none", "-kernel", kernel, "-initrd", initramfs,
               "-append", "console=ttyS0 panic=-1 quiet loglevel=4", "-serial", f"file:{folder / 'console'}",
               "-drive", f"file={result},format=raw,if=virtio,cache=unsafe"]
    for number, disk in enumerate(disks):
        command += ["-drive", f"file={disk},format=raw,if=none,cache=unsafe,id=nvme{number}",
                    "-device", f"nvme,serial=RIGNVME{number},drive=nvme{number}"]
    start = time.monotonic()
    process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        raise AssertionError(f"the virtual machine did not end within {seconds} s") from None
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"the virtual machine ran {time.monotonic() - start:.0f} s and used {used.ru_utime + used.ru_stime:.0f} s of processors")
    return result


def blank(path, size):
    with open(path, "wb") as file:
        file.truncate(size)
    return path
