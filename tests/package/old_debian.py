#!/usr/bin/env python3
"""Downloads and unpacks libraries of Debian 11, for the tests of the tarball.

  old_debian.py DIRECTORY
"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "md-vm"))
from debian import NotAvailable, Suite  # noqa: E402

SUITE = "bullseye"
PACKAGES = ("libc6", "libstdc++6", "libgcc-s1", "libdrm2", "libdrm-amdgpu1")


def unpacked_packages(directory):
    """The directories with their files."""
    suite = Suite(SUITE, directory)
    return [suite.package(name) for name in PACKAGES]


def main():
    suite = Suite(SUITE, sys.argv[1])
    try:
        for name in PACKAGES:
            suite.fetch(name)
    except NotAvailable as reason:
        sys.exit(f"old_debian.py: {reason}")


if __name__ == "__main__":
    main()
