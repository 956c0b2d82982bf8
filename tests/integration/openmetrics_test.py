#!/usr/bin/env python3
"""The strict OpenMetrics parser of Prometheus' Python client reads every machine under tests/rigs, with the same values
as the text format has.

  openmetrics_test.py EXPORTER
"""
import os
import re
import sys

try:
    from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
    from prometheus_client.parser import text_string_to_metric_families as parse_text
except ImportError:
    DEBIANS_PYTHON = "/usr/bin/python3"  # the only one for which Debian packages modules
    if os.path.exists(DEBIANS_PYTHON) and not os.path.samefile(DEBIANS_PYTHON, sys.executable):
        os.execv(DEBIANS_PYTHON, [DEBIANS_PYTHON, *sys.argv])
    print("the Python module prometheus_client is not installed")
    sys.exit(77)

from exporter_process import RIGS, Exporter, rig_flags  # noqa: E402
from instrumentation import is_own  # noqa: E402

ACCEPT = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"
# Measured or accumulated while the exporter is running.
VOLATILE = re.compile("rig_gpu_(sample_age_seconds|(energy_joules|busy_seconds|throttle_seconds|read_errors)_total)$")
# Written differently, as the two formats require: le="1" and le="1.0".
BUCKET = re.compile("_bucket$")


def samples(families):
    """Of all families: (name, labels) -> value, without those that differ from scrape to scrape."""
    found = {}
    for family in families:
        for sample in family.samples:
            if is_own(sample.name) or VOLATILE.match(sample.name) or BUCKET.search(sample.name):
                continue
            series = (sample.name, tuple(sorted(sample.labels.items())))
            assert series not in found, f"duplicate: {series}"
            found[series] = sample.value
    return found


def units_end_the_names(families):
    for family in families:
        assert not family.unit or family.name.endswith(f"_{family.unit}"), (family.name, family.unit)


def check(exporter, rig):
    with Exporter(exporter, *rig_flags(rig)) as running:
        running.wait_ready()
        status, headers, openmetrics = running.get(Accept=ACCEPT)
        assert status == 200, status
        assert headers["Content-Type"] == "application/openmetrics-text; version=1.0.0; charset=utf-8", headers
        _, headers, text = running.get()
        assert headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8", headers
        families = list(parse_openmetrics(openmetrics))
        units_end_the_names(families)
        assert any(family.unit for family in families)
        in_openmetrics, in_text = samples(families), samples(parse_text(text))
        assert in_text == in_openmetrics, set(in_text.items()) ^ set(in_openmetrics.items())
        print(f"ok: {rig.name}: {len(in_text)} samples")
        return len(in_text)


def main():
    counts = [check(sys.argv[1], rig) for rig in sorted(path for path in RIGS.iterdir() if path.is_dir())]
    assert len(counts) > 20 and min(counts) > 0 and max(counts) > 2000, counts


main()
