#!/usr/bin/env python3
"""Renders the overlays of deploy/kubernetes with kubectl, validates them with the API's schema, and checks what the
containers may do and that the exporter accepts their flags.

  kubernetes_test.py EXPORTER
"""
import re
import shutil
import subprocess
import sys
import unittest
import urllib.request

from exporter_process import RIGS, Exporter, rig_flags
from prometheus_process import ROOT

try:
    import yaml
except ImportError:
    print("PyYAML (python3-yaml) is not installed")
    sys.exit(77)
try:
    from kubernetes_schema import violations
except ImportError:
    violations = None

EXPORTER = None
OVERLAYS = sorted(path.parent.name for path in (ROOT / "deploy/kubernetes/overlays").glob("*/kustomization.yaml"))
RESTRICTED_VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}
PRIVILEGED = "rocm-smi"


def render(overlay):
    done = subprocess.run(["kubectl", "kustomize", str(ROOT / "deploy/kubernetes/overlays" / overlay)], capture_output=True,
                          text=True, timeout=60, check=False)
    if done.returncode != 0 or done.stderr:  # a warning
        raise AssertionError(f"kubectl kustomize {overlay}: {done.returncode}\n{done.stderr}")
    return {resource["kind"]: resource for resource in yaml.safe_load_all(done.stdout)}


class Overlays(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.resources = {overlay: render(overlay) for overlay in OVERLAYS}

    def pods(self):
        """For each overlay: its name, the specification of the pod, and its only container."""
        for overlay, resources in self.resources.items():
            pod = resources["DaemonSet"]["spec"]["template"]["spec"]
            [container] = pod["containers"]
            yield overlay, pod, container

    def test_they_are_valid(self):
        if not violations:
            self.skipTest("python3-kubernetes is not installed")
        for overlay, resources in self.resources.items():
            self.assertEqual(list(resources), ["Namespace", "DaemonSet"], overlay)
            for kind, version in (("Namespace", "v1"), ("DaemonSet", "apps/v1")):
                self.assertEqual(resources[kind]["apiVersion"], version)
                self.assertEqual(violations(f"V1{kind}", resources[kind]), [], overlay)

    def test_the_validation_finds_errors(self):
        if not violations:
            self.skipTest("python3-kubernetes is not installed")
        container = {"name": "a", "image": "b", "ports": [{"containerPort": "1"}], "securityContext": {"runAsRoot": False}}
        self.assertEqual(violations("V1Container", container), [
            ".ports[0].containerPort: '1' is not a int", ".securityContext: V1SecurityContext has no field runAsRoot"])
        self.assertRegex(violations("V1Container", {"image": "b"})[0], "name.*must not be `None`")

    def test_labels_and_volumes_fit_together(self):
        for overlay, pod, container in self.pods():
            daemon_set = self.resources[overlay]["DaemonSet"]
            self.assertEqual(daemon_set["metadata"]["namespace"], self.resources[overlay]["Namespace"]["metadata"]["name"])
            labels = daemon_set["spec"]["template"]["metadata"]["labels"]
            self.assertLessEqual(daemon_set["spec"]["selector"]["matchLabels"].items(), labels.items())
            self.assertEqual(sorted(mount["name"] for mount in container["volumeMounts"]),
                             sorted(volume["name"] for volume in pod["volumes"]))

    def test_the_user_is_not_root_and_the_root_filesystem_is_read_only(self):
        for _, pod, container in self.pods():
            context = {**pod["securityContext"], **container["securityContext"]}
            self.assertIs(context["runAsNonRoot"], True)
            self.assertEqual((context["runAsUser"], context["runAsGroup"]), (65532, 65532))
            self.assertIs(context["readOnlyRootFilesystem"], True)
            self.assertIs(pod["automountServiceAccountToken"], False)
            for mount in container["volumeMounts"]:
                self.assertTrue(mount["name"] == "tmp" or mount["readOnly"], mount)

    def test_one_overlay_only_is_privileged(self):
        for overlay, _, container in self.pods():
            context = container["securityContext"]
            self.assertEqual(context["capabilities"], {"drop": ["ALL"]})
            if overlay == PRIVILEGED:
                self.assertIs(context["privileged"], True)
                self.assertNotIn("allowPrivilegeEscalation", context)  # the API refuses false together with privileged
            else:
                self.assertNotIn("privileged", context)
                self.assertIs(context["allowPrivilegeEscalation"], False)

    def test_unprivileged_fits_to_the_pod_security_standard_restricted(self):
        resources = self.resources["unprivileged"]
        self.assertEqual(resources["Namespace"]["metadata"]["labels"]["pod-security.kubernetes.io/enforce"], "restricted")
        pod = resources["DaemonSet"]["spec"]["template"]["spec"]
        [container] = pod["containers"]
        for field in ("hostPID", "hostIPC", "hostNetwork", "initContainers"):
            self.assertNotIn(field, pod)
        for volume in pod["volumes"]:
            self.assertLessEqual(set(volume) - {"name"}, RESTRICTED_VOLUMES)
        self.assertNotIn("hostPort", container["ports"][0])
        self.assertEqual(pod["securityContext"]["seccompProfile"], {"type": "RuntimeDefault"})

    def test_filesystems_are_those_of_the_host_or_none(self):
        for _, pod, container in self.pods():
            if "--no-collector.filesystem" in container["args"]:
                continue
            self.assertIn("--path.rootfs=/rootfs", container["args"])
            self.assertIs(pod["hostPID"], True)
            [mount] = [mount for mount in container["volumeMounts"] if mount["mountPath"] == "/rootfs"]
            self.assertEqual((mount["readOnly"], mount["mountPropagation"]), (True, "HostToContainer"))
            [volume] = [volume for volume in pod["volumes"] if volume["name"] == mount["name"]]
            self.assertEqual(volume["hostPath"]["path"], "/")

    def test_the_exporter_accepts_the_flags(self):
        for _, _, container in self.pods():
            flags = [flag.replace("/rootfs", "/") for flag in container["args"]]  # a directory that exists here
            done = subprocess.run([EXPORTER, "--config.check", *flags], capture_output=True, text=True, timeout=60, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)

    def test_the_port_is_the_default_one(self):
        printed = subprocess.run([EXPORTER, "--config.print"], capture_output=True, text=True, timeout=60, check=True).stdout
        for _, _, container in self.pods():
            [port] = container["ports"]
            self.assertIn(f'listen-address: [":{port["containerPort"]}"]', printed)

    def test_the_exporter_responds_to_the_probes(self):
        with Exporter(EXPORTER, *rig_flags(RIGS / "no-gpu-no-raid")) as running:
            running.wait_ready()
            for _, _, container in self.pods():
                for probe in ("livenessProbe", "readinessProbe"):
                    request = container[probe]["httpGet"]
                    self.assertEqual(request["port"], container["ports"][0]["name"])
                    with urllib.request.urlopen(f"http://{running.address}{request['path']}", timeout=10) as response:
                        self.assertEqual(response.status, 200)

    def test_each_overlay_is_documented(self):
        text = (ROOT / "docs/kubernetes.md").read_text()
        for overlay in OVERLAYS:
            self.assertIn(f"`{overlay}`", text)


if __name__ == "__main__":
    EXPORTER = sys.argv.pop(1)
    if not shutil.which("kubectl"):
        print("kubectl is not installed")
        sys.exit(77)
    version = subprocess.run(["kubectl", "version", "--client"], capture_output=True, text=True, timeout=60, check=False).stdout
    if not re.search(r"Kustomize Version: v([5-9]|\d\d)", version):
        print("the kustomize of this kubectl is older than version 5")
        sys.exit(77)
    unittest.main(verbosity=2)
