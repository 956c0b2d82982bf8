"""Runs a virtual machine until it powers itself off."""
import pathlib
import platform
import resource
import shutil
import subprocess
import time

from debian import NotAvailable

RESULT_BYTES = 64 << 20
NVME_BYTES = 16 << 20


def emulator():
    found = shutil.which("qemu-system-x86_64")
    if not found:
        raise NotAvailable("qemu-system-x86_64 is not installed")
    return found


def acceleration():
    """The options of qemu. /dev/kvm is used only if the kernel's own modules provide it; others do not boot every kernel."""
    own = any(pathlib.Path("/sys/module", name).exists() for name in ("kvm_intel", "kvm_amd"))
    if own and platform.machine() == "x86_64":
        try:
            with open("/dev/kvm", "r+b"):
                return ["-accel", "kvm", "-cpu", "host"]
        except OSError:
            pass
    return ["-accel", "tcg", "-cpu", "max"]


def run(kernel, initramfs, directory, seconds):
    """Returns the file in `directory` that the machine wrote its results to; the file `console` has its output."""
    directory = pathlib.Path(directory)
    result = blank(directory / "result.tar", RESULT_BYTES)
    disks = [blank(directory / f"nvme{number}", NVME_BYTES) for number in range(2)]
    command = [emulator(), *acceleration(), "-smp", "2", "-m", "1024", "-display", "none", "-nodefaults", "-no-reboot",
               "-nic", "none", "-kernel", kernel, "-initrd", initramfs,
               "-append", "console=ttyS0 panic=-1 quiet loglevel=4", "-serial", f"file:{directory / 'console'}",
               "-drive", f"file={result},format=raw,if=virtio,cache=unsafe"]
    for number, disk in enumerate(disks):
        command += ["-drive", f"file={disk},format=raw,if=none,cache=unsafe,id=nvme{number}",
                    "-device", f"nvme,serial=RIGNVME{number},drive=nvme{number}"]
    start = time.monotonic()
    process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        raise AssertionError(f"the virtual machine did not power off within {seconds} s") from None
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"the virtual machine ran {time.monotonic() - start:.0f} s and used {used.ru_utime + used.ru_stime:.0f} s of CPU")
    return result


def blank(path, size):
    with open(path, "wb") as file:
        file.truncate(size)
    return path
