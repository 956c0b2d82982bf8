#!/usr/bin/env python3
"""Serves every rig through prometheus-cpp's Exposer and TextSerializer, and compares with the exporter's own response.

Some versions of the serializer write 16 digits of a number, which may be too few to identify it.

  exposer_test.py EXPORTER PROBE EXPOSER_PROGRAM
"""
import math
import pathlib
import re
import subprocess
import sys
import urllib.request

RIGS = pathlib.Path(__file__).resolve().parent.parent / "rigs"
# Differ from scrape to scrape, or are the exporter's or the Exposer's own.
VOLATILE = re.compile(r"(process_|rig_collector_|rig_exporter_|exposer_|rig_gpu_probe_restarts_total|rig_gpu_sample_age_seconds"
                      r"|rig_gpu_energy_joules_total|rig_gpu_busy_seconds_total|rig_gpu_throttle_seconds_total"
                      r"|rig_gpu_read_errors_total)")


def samples(text):
    """The samples of an exposition text: series -> value."""
    found = {}
    for line in text.splitlines():
        series, _, value = line.rpartition(" ")
        if not line.startswith("#") and not VOLATILE.match(line):
            found[series] = float(value)
    return found


def own_response(exporter, rig):
    root = rig / "root" if (rig / "root").is_dir() else rig
    return subprocess.run([exporter, "--once", f"--path.procfs={rig}/proc", f"--path.sysfs={rig}/sys",
                           f"--path.rootfs={root}", "--log.level=error"],
                          capture_output=True, text=True, timeout=60, check=True).stdout


def exposer_response(program, probe, rig):
    with subprocess.Popen([program, probe, rig], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True) as process:
        port = int(process.stdout.readline())
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=60) as response:
            text = response.read().decode()
        process.stdin.close()
        if process.wait(timeout=30) != 0:
            sys.exit(f"{program}: exit status {process.returncode}")
        return text


def is_same_value(own, exposed):
    if own is None or exposed is None:
        return False
    return own == exposed or math.isclose(own, exposed, rel_tol=1e-14)


def main():
    exporter, probe, program = sys.argv[1:]
    different = 0
    rigs = sorted(path for path in RIGS.iterdir() if path.is_dir())
    for rig in rigs:
        own, exposed = samples(own_response(exporter, rig)), samples(exposer_response(program, probe, rig))
        different_series = [series for series in sorted(own.keys() | exposed.keys())
                            if not is_same_value(own.get(series), exposed.get(series))]
        same = not different_series and len(own) > 0
        print(f"{rig.name}: {len(own)} samples, {'same' if same else 'DIFFERENT'}")
        for series in different_series:
            print(f"  {series}: {own.get(series)} here, {exposed.get(series)} by the Exposer")
        different += not same
    sys.exit(1 if different or not rigs else 0)


if __name__ == "__main__":
    main()
