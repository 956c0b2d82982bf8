#!/usr/bin/env python3
"""A real Prometheus scrapes the exporter: it accepts every metric and returns the values that were exposed.

  prometheus_test.py EXPORTER
"""
import re
import subprocess
import sys

from exporter_process import RIGS, Exporter, rig_flags
from prometheus_process import Prometheus, program


def promtool_accepts_the_output_for_every_rig(exporter):
    promtool = program("promtool")
    for rig in sorted(path for path in RIGS.iterdir() if path.is_dir()):
        once = subprocess.run([exporter, "--once", *rig_flags(rig)], capture_output=True, timeout=60, check=True)
        checked = subprocess.run([promtool, "check", "metrics"], input=once.stdout, capture_output=True, timeout=60, check=False)
        assert checked.returncode == 0 and not checked.stdout and not checked.stderr, \
            f"{rig.name}: {(checked.stdout + checked.stderr).decode()}"


def every_sample_is_stored_with_its_value(exporter):
    with Exporter(exporter, *rig_flags(RIGS / "rx6800x2-raid0")) as running:
        running.wait_ready()
        with Prometheus({"rig": running.address}) as prometheus:
            prometheus.wait_for_scrapes(["rig"], 3)
            target = prometheus.get("targets")["activeTargets"][0]
            assert target["health"] == "up" and not target["lastError"], target

            def value(expression):
                found = prometheus.query(expression)
                assert len(found) == 1, f"{expression}: {found}"
                return found[0][1]

            assert value('up{job="rig_exporter"}') == 1
            assert value('rig_gpu_temperature_celsius{pci_address="0000:03:00.0", sensor="edge"}') == 27
            assert value('rig_gpu_power_watts{gpu="1"}') == 6
            assert value('rig_raid_array_usable{array="md0"}') == 1
            assert value("sum(rig_gpu_memory_size_bytes{kind='vram'})") == 2 * 17163091968
            assert value('count(rig_cpu_seconds_total{mode="idle"})') == 8
            assert value("min(rig_collector_success)") == 1

            # No exposed metric is missing.
            exposed = {re.split(r"[{ ]", line)[0] for line in running.get()[2].splitlines() if not line.startswith("#")}
            stored = set(prometheus.get("label/__name__/values"))
            assert exposed <= stored, exposed - stored
            # The types match the naming convention; only the exporter's own instrumentation has histograms.
            metadata = {name: entries[0] for name, entries in prometheus.get("metadata").items()}
            # It has asked for OpenMetrics, in which a counter is called like its series without _total.
            assert metadata["rig_gpu_power_watts"]["unit"] == "watts", metadata["rig_gpu_power_watts"]
            types = {f"{name}_total" if entry["type"] == "counter" else name: entry["type"] for name, entry in metadata.items()}
            for name in exposed:
                family = re.sub(r"_(bucket|count|sum)$", "", name)
                if types.get(family) == "histogram":
                    assert family.startswith("rig_exporter_"), family
                    continue
                assert types.get(name) == ("counter" if name.endswith("_total") else "gauge"), (name, types.get(name))


def large_compressed_scrapes_are_accepted(exporter):
    """The largest rig, requested as Prometheus does it: gzip, and the scrape timeout in a header."""
    with Exporter(exporter, *rig_flags(RIGS / "raid-zoo")) as running:
        running.wait_ready()
        with Prometheus({"zoo": running.address}) as prometheus:
            prometheus.wait_for_scrapes(["zoo"], 3)
            arrays = len(prometheus.query("rig_raid_array_usable"))
            assert arrays == len([name for name in running.scrape() if name.startswith("rig_raid_array_usable{")]) > 20
            assert prometheus.query('scrape_samples_scraped{instance="zoo"}')[0][1] > 1000


def main():
    exporter = sys.argv[1]
    program("prometheus")
    for test in (promtool_accepts_the_output_for_every_rig, every_sample_is_stored_with_its_value,
                 large_compressed_scrapes_are_accepted):
        test(exporter)
        print(f"ok: {test.__name__}")


main()
