#!/usr/bin/env python3
"""What deploy/kubernetes/generate prints for the Prometheus Operator and Grafana: all rules and dashboards, unchanged, and a
PodMonitor that finds the pods of the DaemonSet.

  kubernetes_generate_test.py
"""
import json
import re
import subprocess
import sys
import tempfile
import unittest

from prometheus_process import ROOT, program

try:
    import yaml
except ImportError:
    print("PyYAML (python3-yaml) is not installed")
    sys.exit(77)

GENERATE = ROOT / "deploy/kubernetes/generate"
LARGEST_CONFIG_MAP = 1 << 20
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the faster one, if PyYAML has it


def generate(*labels):
    done = subprocess.run([GENERATE, *labels], capture_output=True, text=True, timeout=60, check=True)
    return list(yaml.load_all(done.stdout, LOADER))


def load(path):
    return yaml.load((ROOT / path).read_text(), LOADER)


def promtool(subcommand, text):
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
        file.write(text)
        file.flush()
        return subprocess.run([program("promtool"), "check", subcommand, file.name], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=60, check=False)


class Generate(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.resources = generate()

    def of_kind(self, kind):
        return [resource for resource in self.resources if resource["kind"] == kind]

    def test_the_names_are_different_and_valid(self):
        names = [(resource["kind"], resource["metadata"]["name"]) for resource in self.resources]
        self.assertEqual(len(set(names)), len(names))
        for _, name in names:
            self.assertRegex(name, r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$")

    def test_all_rules_are_in_it_unchanged(self):
        files = sorted(ROOT.glob("deploy/prometheus/*.rules.yml"))
        self.assertNotEqual(files, [])
        self.assertEqual([rule["spec"] for rule in self.of_kind("PrometheusRule")], [load(file) for file in files])

    def test_prometheus_accepts_the_rules(self):
        for rule in self.of_kind("PrometheusRule"):
            self.assertEqual(rule["apiVersion"], "monitoring.coreos.com/v1")
            self.assertEqual(set(rule["spec"]), {"groups"})
            done = promtool("rules", json.dumps(rule["spec"]))
            self.assertEqual(done.returncode, 0, done.stdout)

    def test_all_dashboards_are_in_it_unchanged(self):
        files = sorted(ROOT.glob("grafana/dashboards/*.json"))
        self.assertNotEqual(files, [])
        config_maps = self.of_kind("ConfigMap")
        self.assertEqual([config_map["data"] for config_map in config_maps], [{file.name: file.read_text()} for file in files])
        for config_map in config_maps:
            self.assertEqual(config_map["metadata"]["labels"]["grafana_dashboard"], "1")
            self.assertLess(sum(map(len, map(str.encode, config_map["data"].values()))), LARGEST_CONFIG_MAP)

    def test_labels_are_added_to_everything(self):
        for resource in generate("release=kube-prometheus-stack", "team=a"):
            labels = resource["metadata"]["labels"]
            self.assertEqual((labels["release"], labels["team"]), ("kube-prometheus-stack", "a"))
        self.assertEqual([resource["metadata"]["name"] for resource in generate("a=b")],
                         [resource["metadata"]["name"] for resource in self.resources])

    def test_what_is_no_label_is_refused(self):
        for argument in ("release", "--help", "a=b\nc"):
            self.assertEqual(subprocess.run([GENERATE, argument], capture_output=True, check=False).returncode, 2, argument)

    def test_the_pod_monitor_finds_the_pods(self):
        [monitor] = self.of_kind("PodMonitor")
        spec = monitor["spec"]
        template = load("deploy/kubernetes/base/daemonset.yaml")["spec"]["template"]
        self.assertLessEqual(spec["selector"]["matchLabels"].items(), template["metadata"]["labels"].items())
        namespace = load("deploy/kubernetes/base/namespace.yaml")["metadata"]["name"]
        self.assertEqual(spec["namespaceSelector"], {"matchNames": [namespace]})
        [endpoint] = spec["podMetricsEndpoints"]
        self.assertEqual(endpoint["port"], template["spec"]["containers"][0]["ports"][0]["name"])

    def test_prometheus_accepts_its_relabeling(self):
        [monitor] = self.of_kind("PodMonitor")
        [endpoint] = monitor["spec"]["podMetricsEndpoints"]
        [job] = [job for job in load("deploy/prometheus.yml")["scrape_configs"] if job["job_name"] == "rig_exporter"]
        relabelings = {rule.get("targetLabel"): rule for rule in endpoint["relabelings"]}
        self.assertEqual(relabelings["job"]["replacement"], job["job_name"])
        # The operator's configuration of Prometheus, in which the same fields have other names.
        fields = {"interval": "scrape_interval", "scrapeTimeout": "scrape_timeout", "relabelings": "relabel_configs"}
        self.assertEqual(set(endpoint) - set(fields), {"port"})
        scrape = {fields[name]: value for name, value in endpoint.items() if name in fields}
        scrape["relabel_configs"] = [{re.sub(r"[A-Z]", lambda letter: f"_{letter[0].lower()}", name): value
                                      for name, value in rule.items()} for rule in endpoint["relabelings"]]
        done = promtool("config", json.dumps({"scrape_configs": [{"job_name": "test", **scrape}]}))
        self.assertEqual(done.returncode, 0, done.stdout)


if __name__ == "__main__":
    program("promtool")
    unittest.main(verbosity=2)
