#!/usr/bin/env python3
"""Prints the bill of materials of the tarball in CycloneDX's JSON, from what dpkg knows about the libraries in it, and copies
their copyright files into it.

  sbom.py VERSION EPOCH TARBALL-ROOT LIBRARY...
"""
import datetime
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

# Of the library in the package, by the name of the source package: a copyright file lists the licenses of all its sources,
# and not all of them are machine-readable.
LICENSES = {
    r"boost[\d.]+": "BSL-1.0",
    "brotli": "MIT",
    "cli11": "BSD-3-Clause",
    "fmtlib": "MIT",
    r"gcc-\d+": "GPL-3.0-or-later WITH GCC-exception-3.1",
    "glibc": "LGPL-2.1-or-later",
    "gmp": "LGPL-3.0-or-later OR GPL-2.0-or-later",
    "gnutls28": "LGPL-2.1-or-later",
    "libcap2": "BSD-3-Clause OR GPL-2.0-only",
    "libdeflate": "MIT",
    "libffi": "MIT",
    "libidn2": "LGPL-3.0-or-later OR GPL-2.0-or-later",
    "libtasn1-6": "LGPL-2.1-or-later",
    "libunistring": "LGPL-3.0-or-later OR GPL-2.0-or-later",
    "libxcrypt": "LGPL-2.1-or-later",
    "libzstd": "BSD-3-Clause OR GPL-2.0-only",
    "nettle": "LGPL-3.0-or-later OR GPL-2.0-or-later",
    "nlohmann-json3": "MIT",
    "p11-kit": "BSD-3-Clause",
    "prometheus-cpp": "MIT",
    "systemd": "LGPL-2.1-or-later",
    "yaml-cpp": "MIT",
    "zlib": "Zlib",
}
# Their code is in the programs themselves.
COMPILED_IN = ("libcli11-dev", "libboost-dev", "libfmt-dev", "nlohmann-json3-dev")


def output_of(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def package_of(library):
    """The package of a file, also on systems whose /lib is a link to /usr/lib and whose dpkg knows only one of both."""
    path = os.path.realpath(library)
    for name in (library, path, path.removeprefix("/usr"), "/usr" + path):
        found = subprocess.run(["dpkg-query", "--search", name], capture_output=True, text=True)
        for line in found.stdout.splitlines():
            if not line.startswith("diversion by "):
                return line.split(": ")[0].split(",")[0]
    sys.exit(f"sbom.py: no package has {library}")


def version_dependent(package):
    """libboost-dev depends on the package that has the headers."""
    depends = output_of("dpkg-query", "--show", "--showformat=${Depends}", package)
    found = re.match(r"libboost[\d.]+-dev", depends)
    return found.group() if found else package


def copyright_file(package):
    """Some packages have a link to the directory of another one on which they depend, and slim images leave out links."""
    file = pathlib.Path(f"/usr/share/doc/{package}/copyright")
    if not file.exists():
        base = re.search(r"\S+-base\b", output_of("dpkg-query", "--show", "--showformat=${Depends}", package))
        file = pathlib.Path(f"/usr/share/doc/{base.group() if base else package}/copyright")
    return file


def license_of(source):
    for pattern, expression in LICENSES.items():
        if re.fullmatch(pattern, source):
            return expression
    sys.exit(f"sbom.py: add the license of the source package {source} to LICENSES")


def distribution():
    return re.search(r'^ID="?([^"\n]+)', pathlib.Path("/etc/os-release").read_text(), re.MULTILINE).group(1)


def component(package, files, root):
    fields = "${Package}\t${Version}\t${source:Package}\t${Architecture}\t${Homepage}"
    shown = output_of("dpkg-query", "--show", f"--showformat={fields}", package)
    name, version, source, architecture, homepage = shown.split("\t")
    licenses = root / "share/doc/licenses"
    licenses.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(copyright_file(name), licenses / f"{name}.copyright")
    purl = f"pkg:deb/{distribution()}/{name}@{version.replace(':', '%3A').replace('+', '%2B')}?arch={architecture}"
    found = {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl,
             "licenses": [{"expression": license_of(source)}]}
    if homepage:
        found["externalReferences"] = [{"type": "website", "url": homepage}]
    if files:
        found["components"] = [
            {"type": "file", "name": f"lib/{file}",
             "hashes": [{"alg": "SHA-256", "content": hashlib.sha256((root / "lib" / file).read_bytes()).hexdigest()}]}
            for file in sorted(files)]
    return found


def main():
    version, epoch, root, *libraries = sys.argv[1:]
    root = pathlib.Path(root)
    files = {}
    for library in libraries:
        files.setdefault(package_of(library), []).append(os.path.basename(library))
    for package in COMPILED_IN:
        files.setdefault(version_dependent(package), [])
    components = [component(package, files[package], root) for package in sorted(files)]
    exporter = {"type": "application", "bom-ref": "rig_exporter", "name": "rig_exporter", "version": version,
                "licenses": [{"expression": "Apache-2.0"}]}
    time = datetime.datetime.fromtimestamp(int(epoch), datetime.timezone.utc)
    json.dump({"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
               "metadata": {"timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ"), "component": exporter},
               "components": components,
               "dependencies": [{"ref": "rig_exporter", "dependsOn": [found["bom-ref"] for found in components]}]},
              sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
