#!/usr/bin/env python3
"""Which alerts fire on each machine of tests/rigs: none on a healthy one, and on a broken one exactly what is expected.

  rig_alerts_test.py EXPORTER

What the exporter outputs for a machine is held for two hours, and promtool evaluates the rules over them. All machines
have the same instance in different clusters of one Prometheus: a rule that mixes them up fails. Healthy ones have no alert
either when they boot within four minutes, or are off for a night and labeled for that.
"""
import concurrent.futures
import json
import os
import re
import subprocess
import sys
import tempfile

from alert_rules import RULES, alerts
from exporter_process import RIGS, parse_samples, rig_flags
from prometheus_process import program

MINUTES = 120
# Measured on the machine that runs the test.
LIVE = re.compile(r"rig_filesystem_(size|free|available)_bytes|rig_filesystem_files")

# Healthy machines that are off for a night.
AT_NIGHT = ("rx6800x2-raid0-busy", "md-5.10-raid0", "cpu-i7-6700")

# What is broken on a machine, and how many alerts of each name that causes. Machines that are not listed are healthy.
EXPECTED = {
    # lxcfs invents times and sizes that contradict each other.
    "host-lxc-guest": {"RigCollectorFailing": 2},
    # Both volumes of a container are rebuilt onto its new disk: no redundancy, but nothing to do.
    "md-5.10-imsm-rebuilding": {"RigArrayDegraded": 2},
    # A disk of a RAID 0 was pulled; md does not report it.
    "md-5.10-raid0-pulled": {"RigArrayNotUsable": 1, "RigArrayMemberFaulty": 1},
    # udev has stopped the array, which mdadm.conf names.
    "md-5.10-raid0-stopped": {"RigArrayGone": 1},
    "md-5.10-raid1-rebuilding": {"RigArrayDegraded": 1},
    # Three of four RAID 10 have lost all members that they can lose: two, one and two.
    "md-5.10-raid10-halves": {"RigArrayNoRedundancy": 3, "RigArrayDegraded": 3, "RigArrayMemberFaulty": 5},
    "md-5.10-raid5-failed": {"RigArrayNotUsable": 1, "RigArrayMemberFaulty": 2},
    # A member fails during a reshape, which goes on.
    "md-5.10-raid5-reshaping": {"RigArrayNoRedundancy": 1, "RigArrayDegraded": 1, "RigArrayMemberFaulty": 1},
    # An SDMA engine of one GPU has an uncorrectable error; a page of the other GPU's memory waits to be retired.
    "mi210x2": {"RigGpuUncorrectableEcc": 1, "RigGpuBadPages": 1},
    "raid-zoo": {
        # md_broken, md_dead5, md_dead_pair, md_inactive, md_journal, md_no_writes, md_pulled
        "RigArrayNotUsable": 7,
        # md_degraded, md_frozen, md_pair
        "RigArrayNoRedundancy": 3,
        # These, md_errors, which has a third member, and what is being rebuilt or grown: md_recover, md_grow
        "RigArrayDegraded": 6,
        # One each of md_broken, md_errors, md_journal, md_pulled, md_recover; two of md_dead5, md_dead_pair, md_pair
        "RigArrayMemberFaulty": 11,
        # md_check
        "RigArrayMismatch": 1,
        # md_stalled, which has the speed 0
        "RigArraySyncStalled": 1,
    },
    # Values of a GPU that no GPU has.
    "rx6800x2-broken-files": {"RigCollectorFailing": 1},
    # A disk of a RAID 0 is gone, and the filesystem on the array has errors.
    "rx6800x2-raid0-dead": {"RigArrayNotUsable": 1, "RigArrayMemberFaulty": 1, "RigFilesystemErrors": 1},
}


def exposition(exporter, rig):
    root = rig / "root" if (rig / "root").is_dir() else rig
    flags = [*rig_flags(rig)[:2], f"--path.rootfs={root}"]
    # Of some machines only the arrays were stored.
    flags += [f"--no-collector.{name}" for name, file in (("cpu", "stat"), ("memory", "meminfo"))
              if not (rig / "proc" / file).exists()]
    done = subprocess.run([exporter, "--once", *flags, "--log.level=error"], capture_output=True, text=True, timeout=60, check=True)
    # A machine without it would not be known to boot.
    return {"rig_boot_time_seconds": 0, **parse_samples(done.stdout)}


def change(name, labels, samples):
    """How much a value changes in a minute: what integrates a gauge, and a sync that has a speed. All others stay the same."""
    if name == "rig_gpu_throttle_seconds_total":
        return 60 * samples.get(f"rig_gpu_throttled{labels}", 0)
    if name == "rig_gpu_busy_seconds_total":
        return 60 * samples.get(f"rig_gpu_busy_believed_ratio{labels}", 0)
    if name == "rig_raid_sync_progress_ratio":
        return 1e-6 if samples[f"rig_raid_sync_speed_bytes_per_second{labels}"] > 0 else 0
    return 0


def held(_, value, step):
    return f"{value:.17g}{step:+.17g}x{MINUTES}"


def after_break(name, value, step, minutes):
    """An hour, a break and another hour. Counters begin again; arrays are assembled during the first minutes; a GPU is up
    with the second scrape."""
    back = 60 + minutes
    if name == "up":
        return f"1x59 0x{minutes - 1} 1x60"
    if name == "rig_boot_time_seconds":
        return f"-86400x59 stale _x{minutes - 2} {back * 60 - 30}x60"
    before = f"{value:.17g}{step:+.17g}x59 stale _x{minutes - 2}"
    if name in ("rig_raid_array_usable", "rig_raid_array_present"):
        return f"{before} 0x2 {value:.17g}x57"
    if name in ("rig_gpu_up", "rig_gpus"):
        return f"{before} 0 {value:.17g}x59"
    if name == "process_start_time_seconds":
        return f"{before} {value + minutes * 60:.17g}x60"
    return f"{before} {0 if name.endswith('_total') else value:.17g}{step:+.17g}x60"


def input_series(rig, samples, wanted, values, target=""):
    """The series of a machine; `values` is a function of the name, the value and its change per minute."""
    own = f'cluster="{rig}",instance="rig"{target}'
    found = [{"series": f"up{{{own}}}", "values": values("up", 1, 0)}]
    for series, value in samples.items():
        name, _, rest = series.partition("{")
        if name not in wanted or LIVE.match(name):
            continue
        labels = f"{{{rest}" if rest else ""
        all_labels = f"{own},{rest[:-1]}" if rest else own
        found.append({"series": f"{name}{{{all_labels}}}", "values": values(name, value, change(name, labels, samples))})
    return found


def expectation(rig, minutes, expected):
    return {
        "expr": f'count by (alertname) (max_over_time(ALERTS{{alertstate="firing", cluster="{rig}"}}[{minutes}m]))',
        "eval_time": f"{minutes}m",
        "exp_samples": [{"labels": f'{{alertname="{alert}"}}', "value": count} for alert, count in expected.items()],
    }


def case(name, machines, wanted, values, minutes, target=""):
    return {
        "name": name, "interval": "1m",
        "input_series": [one for rig, samples in machines.items() for one in input_series(rig, samples, wanted, values, target)],
        "promql_expr_test": [expectation(rig, minutes, EXPECTED.get(rig, {})) for rig in machines],
    }


def cases(machines, wanted):
    healthy = {rig: samples for rig, samples in machines.items() if rig not in EXPECTED}
    night = {rig: healthy[rig] for rig in AT_NIGHT}
    return [case("held for two hours", machines, wanted, held, MINUTES),
            case("a reboot", healthy, wanted, lambda *series: after_break(*series, 4), 124),
            case("a night", night, wanted, lambda *series: after_break(*series, 480), 600, ',may_be_off="yes"')]


def main():
    promtool = program("promtool")
    wanted = set(re.findall(r"\b(?:rig|process)_\w+", " ".join(alert.expression for alert in alerts())))
    rigs = sorted(path for path in RIGS.iterdir() if path.is_dir())
    unknown = EXPECTED.keys() - {rig.name for rig in rigs}
    assert rigs and not unknown, f"{len(rigs)} rigs; expected, but not there: {unknown}"
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        machines = dict(zip((rig.name for rig in rigs), pool.map(lambda rig: exposition(sys.argv[1], rig), rigs)))
    with tempfile.TemporaryDirectory(prefix="rig_alerts.") as directory:
        test = os.path.join(directory, "rigs.test.yml")
        with open(test, "w") as file:
            # JSON is valid YAML.
            json.dump({"rule_files": [str(RULES)], "evaluation_interval": "1m", "tests": cases(machines, wanted)}, file)
        done = subprocess.run([promtool, "test", "rules", test], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=250, check=False)
    print(done.stdout)
    print(f"{len(rigs)} machines, {len(EXPECTED)} of them broken")
    sys.exit(1 if done.returncode != 0 or "FAILED" in done.stdout else 0)


main()
