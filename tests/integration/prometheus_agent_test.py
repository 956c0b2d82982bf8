#!/usr/bin/env python3
"""deploy/prometheus-agent.yml with real Prometheus servers: two agents with the same targets scrape each exporter exactly
once, and a third server gets and evaluates what they send.

  prometheus_agent_test.py EXPORTER
"""
import contextlib
import re
import subprocess
import sys
import tempfile
import unittest

from exporter_process import RIGS, Exporter, parse_samples, rig_flags, wait_until
from prometheus_process import ROOT, Prometheus, program

EXPORTER = None
CONFIG = (ROOT / "deploy/prometheus-agent.yml").read_text()
SHARDS = 2
# Evaluated where the samples arrive.
RULES = """
groups:
  - name: test
    interval: 1s
    rules:
      - record: job:rig_raid_array_usable:count
        expr: count by (job, cluster) (rig_raid_array_usable)
"""


class Central(Prometheus):
    """Scrapes nothing, and stores what others send."""

    def storage_flags(self):
        return [*super().storage_flags(), "--web.enable-remote-write-receiver"]


class Agent(Prometheus):
    """Has no queries; the interface for targets is the same."""

    def __init__(self, config):
        self._config = config
        super().__init__({})

    def _start(self):
        (self.directory / "prometheus.yml").write_text(self._config)
        super()._start()

    def storage_flags(self):
        version = subprocess.run([program("prometheus"), "--version"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                 text=True, timeout=60, check=True).stdout
        agent = "--enable-feature=agent" if re.match(r"prometheus, version [0-2]\.", version) else "--agent"
        return [f"--storage.agent.path={self.directory}/data", agent]


def replaced(text, changes):
    for old, new in changes.items():
        assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in the configuration"
        text = text.replace(old, new)
    return text


def agent_config(addresses, shard, central):
    return replaced(CONFIG, {
        "scrape_interval: 15s": "scrape_interval: 1s",
        "scrape_timeout: 10s": "scrape_timeout: 1s",
        'targets: ["192.168.1.5:10068", "192.168.1.6:10068"]': f"targets: {addresses}",
        "modulus: 1": f"modulus: {SHARDS}",
        "regex: 0": f"regex: {shard}",
        "cluster: main": f"cluster: agent-{shard}",
        "url: http://192.168.1.2:9090/api/v1/write": f"url: {central.url}/api/v1/write",
    })


class Agents(unittest.TestCase):
    def setUp(self):
        stack = contextlib.ExitStack()
        self.addCleanup(stack.close)
        self.exporters = [stack.enter_context(Exporter(EXPORTER, *rig_flags(RIGS / "rx6800x2-raid0"))) for _ in range(6)]
        for exporter in self.exporters:
            exporter.wait_ready()
        self.addresses = sorted(exporter.address for exporter in self.exporters)
        rules = stack.enter_context(tempfile.NamedTemporaryFile("w", suffix=".yml"))
        rules.write(RULES)
        rules.flush()
        self.central = stack.enter_context(Central({}, rule_files=[rules.name]))
        self.agents = [stack.enter_context(Agent(agent_config(self.addresses, shard, self.central))) for shard in range(SHARDS)]

    def share(self, agent):
        """The targets that an agent scrapes, as soon as it has divided all of them."""
        def targets(kind):
            return agent.get("targets")[kind]
        wait_until(lambda: len(targets("activeTargets") + targets("droppedTargets")) == len(self.addresses), 60, "all targets")
        return [target["labels"]["instance"] for target in targets("activeTargets")]

    def test_each_target_is_scraped_once_and_arrives(self):
        shares = [self.share(agent) for agent in self.agents]
        self.assertEqual(sorted(shares[0] + shares[1]), self.addresses)

        self.central.wait_for_scrapes(self.addresses, 3)
        up = self.central.query('up{job="rig_exporter"}')
        # One series of each target, from the agent that scrapes it.
        self.assertEqual(sorted((labels["instance"], labels["cluster"], value) for labels, value in up),
                         sorted((instance, f"agent-{shard}", 1) for shard, share in enumerate(shares) for instance in share))

        # Nothing is lost or renamed on the way.
        exporter = self.exporters[0]
        exposed = {series.split("{")[0] for series in parse_samples(exporter.get()[2])}
        arrived = {labels["__name__"] for labels, _ in self.central.query(f'{{instance="{exporter.address}"}}')}
        self.assertLessEqual(exposed, arrived)
        power = self.central.query(f'rig_gpu_power_watts{{instance="{exporter.address}", gpu="1"}}')
        self.assertEqual([value for _, value in power], [6])

        # Rules see the machines of all agents.
        expected = sorted((f"agent-{shard}", len(share)) for shard, share in enumerate(shares) if share)
        wait_until(lambda: self.recorded() == expected, 60, f"the recording rule to count {expected}")

    def recorded(self):
        return sorted((labels["cluster"], value) for labels, value in self.central.query("job:rig_raid_array_usable:count"))


if __name__ == "__main__":
    EXPORTER = sys.argv.pop(1)
    program("prometheus")
    unittest.main(verbosity=2)
