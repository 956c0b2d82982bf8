#!/usr/bin/env python3
"""Checks deploy/docker-compose.yml: that it is valid, that what it mounts exists, and that the configurations of
Prometheus, Alertmanager and Grafana fit to its services. No container is started.

  compose_test.py
"""
import glob
import os
import pathlib
import re
import shutil
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

DEPLOY = ROOT / "deploy"
COMPOSE = DEPLOY / "docker-compose.yml"
GPU = DEPLOY / "docker-compose.gpu.yml"
OUR_SERVICE = "rig_exporter"


def load(path):
    return yaml.safe_load(path.read_text())


def compose_program():
    """Version 2 is a plugin of docker, version 1 of Debian 12 a program."""
    for command in (["docker", "compose"], ["docker-compose"]):
        if shutil.which(command[0]) and subprocess.run([*command, "version"], capture_output=True, check=False).returncode == 0:
            return command
    return None


def bind_mounts(service):
    """[(path on the host, path in the container)]; absolute paths of the host are not the project's."""
    mounts = []
    for volume in service.get("volumes", []):
        source, target = (volume["source"], volume["target"]) if isinstance(volume, dict) else volume.split(":")[:2]
        if source.startswith("."):
            mounts.append((pathlib.Path(os.path.normpath(DEPLOY / source)), target))
    return mounts


def on_host(service, path):
    """Where a path of the container is on the host."""
    for source, target in bind_mounts(service):
        if path == target or path.startswith(f"{target}/"):
            return pathlib.Path(f"{source}{path.removeprefix(target)}")
    raise AssertionError(f"{path} is not mounted")


def uncommented(text):
    """The configuration with the examples that are commented out: comments that are YAML, not sentences."""
    return re.sub(r"^( *)# (( *)(- )?[a-z_#][a-z_ #]*: ?.*)$", r"\1\2", text, flags=re.M)


class Compose(unittest.TestCase):
    def setUp(self):
        self.services = load(COMPOSE)["services"]

    def test_it_is_valid(self):
        command = compose_program()
        if not command:
            self.skipTest("docker compose is not installed")
        for files in ([COMPOSE], [COMPOSE, GPU]):
            arguments = [part for file in files for part in ("-f", str(file))]
            done = subprocess.run([*command, *arguments, "config", "--quiet"], capture_output=True, text=True, check=False,
                                  timeout=60, env={**os.environ, "RENDER_GID": "992"})
            self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_what_is_mounted_exists(self):
        for name, service in self.services.items():
            for source, _ in bind_mounts(service):
                self.assertTrue(source.exists(), f"{name}: there is no {source}")

    def test_the_volumes_are_declared(self):
        declared = load(COMPOSE)["volumes"]
        for name, service in self.services.items():
            for volume in service.get("volumes", []):
                if isinstance(volume, str) and re.match(r"\w", volume):
                    self.assertIn(volume.split(":")[0], declared, name)

    def test_no_container_has_privileges(self):
        for name, service in self.services.items():
            self.assertEqual(service["cap_drop"], ["ALL"], name)
            self.assertEqual(service["security_opt"], ["no-new-privileges:true"], name)
            self.assertNotIn("privileged", service, name)
            if name != "grafana":  # it writes below its own directory
                self.assertIs(service["read_only"], True, name)

    def test_ports_are_published_on_localhost_only(self):
        for name, service in self.services.items():
            for port in service["ports"]:
                self.assertRegex(port, r"^(127\.0\.0\.1|\$\{\w+:-127\.0\.0\.1\}):", name)

    def test_the_other_file_changes_the_exporter_only(self):
        self.assertEqual(list(load(GPU)["services"]), [OUR_SERVICE])

    def container_port(self, service):
        self.assertIn(service, self.services)
        return self.services[service]["ports"][0].rsplit(":", 1)[1]

    def test_prometheus_finds_the_exporter(self):
        config = load(self.file_of_flag("prometheus", "--config.file"))
        [job] = [job for job in config["scrape_configs"] if job["job_name"] == "rig_exporter"]
        self.assertEqual(job["static_configs"], [{"targets": [f"{OUR_SERVICE}:{self.container_port(OUR_SERVICE)}"]}])

    def test_prometheus_has_all_rules(self):
        config = pathlib.PurePosixPath("/etc/prometheus/prometheus.yml")
        patterns = load(on_host(self.services["prometheus"], str(config)))["rule_files"]
        found = {path for pattern in patterns
                 for path in glob.glob(str(on_host(self.services["prometheus"], str(config.parent / pattern))))}
        self.assertEqual(found, {str(path) for path in DEPLOY.glob("prometheus/*.rules.yml")})
        self.assertNotEqual(found, set())

    def test_prometheus_accepts_its_configuration(self):
        self.check_config((DEPLOY / "prometheus.yml").read_text())

    def test_prometheus_accepts_the_examples_in_its_configuration(self):
        text = uncommented((DEPLOY / "prometheus.yml").read_text())
        self.assertIn("minio", [job["job_name"] for job in yaml.safe_load(text)["scrape_configs"]])
        self.check_config(text)

    def check_config(self, text):
        with tempfile.TemporaryDirectory() as directory:
            file = pathlib.Path(directory, "prometheus.yml")
            file.write_text(text)
            pathlib.Path(directory, "prometheus").symlink_to(DEPLOY / "prometheus")
            done = subprocess.run([program("promtool"), "check", "config", str(file)], stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True, timeout=60, check=False)
            self.assertEqual(done.returncode, 0, f"{done.stdout}\n{text}")

    def test_prometheus_finds_alertmanager(self):
        [alertmanager] = load(DEPLOY / "prometheus.yml")["alerting"]["alertmanagers"]
        self.assertEqual(alertmanager["static_configs"], [{"targets": [f"alertmanager:{self.container_port('alertmanager')}"]}])

    def test_alertmanager_finds_its_configuration(self):
        self.assertEqual(self.file_of_flag("alertmanager", "--config.file"), DEPLOY / "alertmanager/alertmanager.yml")

    def file_of_flag(self, service, name):
        """The file on the host that a flag of a service names."""
        [file] = [flag.partition("=")[2] for flag in self.services[service]["command"] if flag.startswith(f"{name}=")]
        return on_host(self.services[service], file)

    def test_grafana_finds_prometheus_and_all_dashboards(self):
        grafana = self.services["grafana"]
        [source] = load(on_host(grafana, "/etc/grafana/provisioning/datasources/prometheus.yml"))["datasources"]
        self.assertEqual(source["url"], f"http://prometheus:{self.container_port('prometheus')}")
        [provider] = load(on_host(grafana, "/etc/grafana/provisioning/dashboards/rig_exporter.yml"))["providers"]
        self.assertEqual(on_host(grafana, provider["options"]["path"]), ROOT / "grafana/dashboards")
        home = grafana["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
        self.assertTrue(on_host(grafana, home).exists(), home)


if __name__ == "__main__":
    program("promtool")
    unittest.main(verbosity=2)
