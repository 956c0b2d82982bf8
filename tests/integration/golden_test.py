#!/usr/bin/env python3
"""Compares what the collectors read of every machine under tests/rigs with its expected.prom.

  golden_test.py EXPORTER            compares
  golden_test.py EXPORTER --accept   writes the output as the new goldens; review the diff before committing it

The goldens contain ~ where a value differs from run to run (it is measured or accumulated while the exporter runs).
What the exporter exposes about itself is not in them: see instrumentation_test.py.
"""
import argparse
import difflib
import pathlib
import re
import subprocess
import sys

from instrumentation import is_own

RIGS = pathlib.Path(__file__).resolve().parent.parent / "rigs"
VOLATILE_VALUE = re.compile(
    r"^((?:rig_gpu_sample_age_seconds|rig_gpu_energy_joules_total|rig_gpu_busy_seconds_total"
    r"|rig_gpu_throttle_seconds_total|rig_gpu_read_errors_total)(?:\{.*\})?) \S+$")


def collected_lines(text):
    return [line for line in text.splitlines() if not is_own(line)]


def output_for(exporter, rig):
    command = [exporter, "--once", f"--path.procfs={rig}/proc", f"--path.sysfs={rig}/sys",
               f"--path.rootfs={rig / 'root' if (rig / 'root').is_dir() else rig}", "--log.level=error"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60)
    if run.returncode != 0 or run.stderr:
        sys.exit(f"{' '.join(command)}: exit status {run.returncode}\n{run.stderr}")
    # The rig's directory differs from checkout to checkout.
    return [VOLATILE_VALUE.sub(r"\1 ~", line).replace(str(rig), "RIG") for line in collected_lines(run.stdout)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("exporter")
    parser.add_argument("--accept", action="store_true")
    options = parser.parse_args()

    rigs = sorted(path for path in RIGS.iterdir() if path.is_dir())
    different = 0
    for rig in rigs:
        golden = rig / "expected.prom"
        output = output_for(options.exporter, rig)
        if options.accept:
            golden.write_text("\n".join(output) + "\n")
            print(f"{rig.name}: {len(output)} lines accepted")
            continue
        expected = collected_lines(golden.read_text()) if golden.exists() else []
        diff = list(difflib.unified_diff(expected, output, f"{rig.name}/expected.prom", "output", lineterm="", n=1))
        print(f"{rig.name}: {len(output)} lines, {'as expected' if not diff else 'DIFFERENT'}")
        print("\n".join(diff))
        different += bool(diff)
    if not rigs:
        sys.exit("no rigs found")
    sys.exit(1 if different else 0)


if __name__ == "__main__":
    main()
