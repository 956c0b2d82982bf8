#!/usr/bin/env python3
"""A real Prometheus scrapes the exporter: it takes every family, and answers with the values that were exposed.

  prometheus_test.py EXPORTER
"""
import re
import subprocess
import sys

from exporter_process import RIGS, Exporter, rig_flags
from prometheus_process import Prometheus, program


def promtool_has_nothing_to_say_about_any_machine(exporter):
    promtool = program("promtool")
    for rig in sorted(path for path in RIGS.iterdir() if path.is_dir()):
        once = subprocess.run([exporter, "--once", *rig_flags(rig)], capture_output=True, timeout=60, check=True)
        said = subprocess.run([promtool, "check", "metrics"], input=once.stdout, capture_output=True, timeout=60, check=False)
        assert said.returncode == 0 and not said.stdout and not said.stderr, \
            f"{rig.name}: {(said.stdout + said.stderr).decode()}"


def every_sample_arrives_with_its_value(exporter):
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

            # Nothing of what is exposed was dropped on the way.
            exposed = {re.split(r"[{ ]", line)[0] for line in running.get()[2].splitlines() if not line.startswith("#")}
            stored = set(prometheus.get("label/__name__/values"))
            assert exposed <= stored, exposed - stored
            # The types are those that the exposition declares.
            kinds = {name: entries[0]["type"] for name, entries in prometheus.get("metadata").items()}
            for name in exposed:
                assert kinds.get(name) == ("counter" if name.endswith("_total") else "gauge"), (name, kinds.get(name))


def scrapes_compressed_and_long_are_taken(exporter):
    """The largest machine there is, as Prometheus asks for it: gzip, and its own time limit in a header."""
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
    for test in (promtool_has_nothing_to_say_about_any_machine, every_sample_arrives_with_its_value,
                 scrapes_compressed_and_long_are_taken):
        test(exporter)
        print(f"ok: {test.__name__}")


main()
