#!/usr/bin/env python3
"""Runs a real Alertmanager with deploy/alertmanager/alertmanager.yml: which alerts it leaves out, and whether the receivers in
the comments of that file get the others."""
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.request

from alert_rules import alerts
from exporter_process import wait_until
from notification_targets import Targets
from prometheus_process import ROOT, free_port, program
from sysfs_namespace import NO_NAMESPACE, find_unshare

CONFIG = ROOT / "deploy" / "alertmanager" / "alertmanager.yml"
EXAMPLE = re.compile(r"^    # (?=(\w+)_configs:)", re.MULTILINE)
SEVERITY = {alert.name: alert.labels["severity"] for alert in alerts()}

MD0, SDA, SDB = {"array": "md0"}, {"array": "md0", "member": "sda"}, {"array": "md0", "member": "sdb"}
GPU0, GPU1 = {"gpu": "0", "pci_address": "0000:03:00.0"}, {"gpu": "1", "pci_address": "0000:06:00.0"}
RAID0 = {"device": "/dev/md0", "mountpoint": "/mnt/raid0"}
ROOTFS = {"device": "/dev/nvme0n1p2", "mountpoint": "/"}


def left_out(name, **labels):
    return name, labels, False


def sent(name, **labels):
    return name, labels, True


# What happens to a machine, and which of the alerts that it causes are sent.
SCENARIOS = {
    "a disk of a RAID 0 dies": [
        sent("RigArrayNotUsable", **MD0), left_out("RigArrayMemberFaulty", **SDB), left_out("RigArrayMemberOffline", **SDB),
        left_out("RigArrayMemberUnplugged", **SDB), left_out("RigArrayMemberIoErrors", **SDB),
        left_out("RigFilesystemErrors", **RAID0, **MD0), left_out("RigFilesystemTurnedReadOnly", **RAID0, **MD0)],
    "a disk of a RAID 5 dies": [
        sent("RigArrayNoRedundancy", **MD0), left_out("RigArrayDegraded", **MD0), left_out("RigArrayMemberFaulty", **SDB),
        left_out("RigArrayMemberOffline", **SDB), left_out("RigArrayMemberUnplugged", **SDB),
        left_out("RigArrayMemberIoErrors", **SDB)],
    "a disk of a RAID 6 dies, another one has errors and a second array is damaged": [
        sent("RigArrayDegraded", **MD0), left_out("RigArrayMemberFaulty", **SDB), left_out("RigArrayMemberReadErrors", **SDB),
        sent("RigArrayMemberReadErrors", **SDA), sent("RigArrayMismatch", array="md1", after="check")],
    "udev stops an array": [
        sent("RigArrayGone", **MD0), left_out("RigArrayMemberUnplugged", **SDB), left_out("RigArrayCheckOverdue", **MD0)],
    "an array dies, and the root filesystem is something else": [
        sent("RigArrayNotUsable", **MD0), sent("RigFilesystemErrors", **ROOTFS), sent("RigFilesystemLow", **ROOTFS),
        sent("RigArrayDegraded", array="md1")],
    "a spare dies": [
        sent("RigArrayMemberFaulty", **SDB), left_out("RigArrayMemberOffline", **SDB), left_out("RigArrayMemberIoErrors", **SDB)],
    "the disk of a member is offline, and md has not noticed": [
        sent("RigArrayMemberOffline", **SDB), left_out("RigArrayMemberIoErrors", **SDB)],
    "a machine is down": [
        sent("RigExporterDown"), left_out("RigArrayMemberUnplugged", **SDB), left_out("RigOomKill"),
        left_out("RigGpuUncorrectableEcc", **GPU0, block="umc"), left_out("RigExporterRestarting")],
    "a GPU hangs, and another one is hot": [
        sent("RigGpuDown", **GPU0), left_out("RigGpuMissing"), left_out("RigGpuSampleStale", **GPU0),
        left_out("RigCollectorFailing", collector="gpu"), left_out("RigGpuProbeRestarting"),
        sent("RigCollectorFailing", collector="raid"), sent("RigGpuHot", **GPU1, sensor="junction"),
        left_out("RigGpuThrottledThermal", **GPU1, reason="thermal_junction")],
    "the memory of a GPU is damaged": [
        sent("RigGpuUncorrectableEcc", **GPU0, block="umc"), left_out("RigGpuRasEvent", event="poison_consumption"),
        sent("RigGpuBadPages", **GPU0, state="pending")],
    "a fan stops": [
        sent("RigGpuFanStopped", **GPU0), left_out("RigGpuHot", **GPU0, sensor="edge"),
        left_out("RigGpuThrottledThermal", **GPU0, reason="thermal_edge")],
    "the memory of a GPU overflows": [sent("RigGpuMemorySpilling", **GPU0), left_out("RigGpuVramFull", **GPU0, kind="vram"),
                                      sent("RigGpuVramFull", **GPU1, kind="vram")],
    "two filesystems fill up": [
        sent("RigFilesystemLow", **RAID0), left_out("RigFilesystemGettingLow", **RAID0),
        left_out("RigFilesystemFullSoon", **RAID0), left_out("RigFilesystemFillingUp", **RAID0),
        sent("RigFilesystemFullSoon", **ROOTFS), left_out("RigFilesystemFillingUp", **ROOTFS)],
    "a filesystem fills up slowly": [sent("RigFilesystemFillingUp", **RAID0), left_out("RigFilesystemGettingLow", **RAID0)],
    "a filesystem outside arrays becomes read-only": [
        sent("RigFilesystemTurnedReadOnly", **ROOTFS), left_out("RigFilesystemErrors", device=ROOTFS["device"])],
    "a machine swaps": [sent("RigMemoryLow"), left_out("RigIoPressure", resource="io", kind="full")],
    "memory and disks": [
        sent("RigMemoryPressure"), sent("RigDiskSaturated", device="sda"), left_out("RigIoPressure"),
        sent("RigMemoryUncorrectableErrors", controller="mc0"), left_out("RigMemoryCorrectableErrors", controller="mc0"),
        sent("RigMemoryCorrectableErrors", controller="mc1")],
}


def check_config(text, directory):
    path = directory / "checked.yml"
    path.write_text(text)
    subprocess.run([program("amtool"), "check-config", path], check=True, timeout=60)


def names_in_matchers(text):
    """Every name that the inhibit rules match by."""
    for pattern in re.findall(r'alertname=~?"([^"]+)"', text):
        for part in re.findall(r"\w+(?:\([^)]*\)\w*)?(?:\.\+)?", pattern):
            group = re.search(r"\((.*)\)", part)
            yield from (part.replace(group[0], one) for one in group[1].split("|")) if group else [part]


def check_names(text):
    unknown = set(names_in_matchers(text)) - SEVERITY.keys() - {"Rig.+"}
    assert not unknown, f"inhibit rules match by alerts that there are not: {unknown}"
    inhibitors = set(re.findall(r"Rig\w+", " ".join(re.findall(r"source_matchers: .*", text))))
    untested = inhibitors - {name for scenario in SCENARIOS.values() for name, _, is_sent in scenario if is_sent}
    assert not untested, f"no scenario in which these leave out others: {untested}"


def with_receivers(text, targets):
    """All receivers in the comments, with the addresses of this test, and without waiting."""
    for before, after in ((EXAMPLE, "    "), (r"https://ntfy\.sh", f"http://{targets.http}"),
                          (r"mail\.example\.org:587", targets.smtp), (r"(email_configs: \[\{)", r"\1require_tls: false, "),
                          (r"(telegram_configs: \[\{)", rf'\1api_url: "http://{targets.http}", '),
                          (r"group_wait: \w+", "group_wait: 5s")):
        text, count = re.subn(before, after, text)
        assert count, before
    return text


def with_templates(alertmanager):
    """The command that runs it. Debian's reads its templates below /usr/share, also if it was unpacked elsewhere."""
    share = pathlib.Path(alertmanager).resolve().parents[1] / "share"
    if share == pathlib.Path("/usr/share"):
        return [alertmanager]
    if not find_unshare():
        print(NO_NAMESPACE)
        sys.exit(77)
    return [*find_unshare(), "sh", "-c", 'mount --rbind "$0" /usr/share && exec "$@"', str(share), alertmanager]


class Alertmanager:
    def __init__(self, config, directory):
        self.url = f"http://127.0.0.1:{free_port()}"
        path = directory / "alertmanager.yml"
        path.write_text(config)
        self.log = open(directory / "log", "w+")
        self.process = subprocess.Popen(
            [*with_templates(program("prometheus-alertmanager")), f"--config.file={path}", f"--storage.path={directory}/data",
             f"--web.listen-address={self.url[7:]}", "--cluster.listen-address="],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=subprocess.STDOUT)

    def __enter__(self):
        wait_until(self._ready, 60, "Alertmanager to be ready")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(60)
        self.log.close()

    def _ready(self):
        if self.process.poll() is not None:
            self.log.seek(0)
            raise RuntimeError(f"Alertmanager did not start:\n{self.log.read()}")
        try:
            urllib.request.urlopen(f"{self.url}/-/ready", timeout=5).close()
            return True
        except OSError:
            return False

    def post(self, alert_list):
        request = urllib.request.Request(f"{self.url}/api/v2/alerts", json.dumps(alert_list).encode(),
                                         {"Content-Type": "application/json"})
        urllib.request.urlopen(request, timeout=60).close()

    def states(self):
        """The state of each alert, by its labels."""
        with urllib.request.urlopen(f"{self.url}/api/v2/alerts", timeout=60) as response:
            return {frozenset(alert["labels"].items()): alert["status"]["state"] for alert in json.load(response)}


def labels_of(scenario, name, labels):
    """As Prometheus sends them: with the labels of the target and of the server."""
    return {"alertname": name, "severity": SEVERITY[name], "cluster": scenario, "instance": "rig", "job": "rigs", **labels}


def check_states(alertmanager):
    expected = {frozenset(labels_of(scenario, name, labels).items()): "active" if is_sent else "suppressed"
                for scenario, all_alerts in SCENARIOS.items() for name, labels, is_sent in all_alerts}
    alertmanager.post([{"labels": dict(labels), "annotations": {"summary": "-", "description": "-"}} for labels in expected])
    try:
        wait_until(lambda: alertmanager.states() == expected, 60, "the expected states")
    finally:
        for labels, state in alertmanager.states().items():
            if state != expected.get(labels):
                print(f"{state}, expected {expected.get(labels)}: {dict(labels)}")
    return expected


def check_notifications(targets, expected):
    wanted = {labels for labels, state in expected.items() if state == "active"}
    groups = {(dict(labels)["alertname"], dict(labels)["cluster"]) for labels in wanted}

    def notified():
        return [alert for path, body in targets.requests if path.startswith("/YOUR-TOPIC") for alert in json.loads(body)["alerts"]]

    wait_until(lambda: {frozenset(alert["labels"].items()) for alert in notified()} >= wanted, 120, "all notifications")
    surplus = {frozenset(alert["labels"].items()) for alert in notified()} - wanted
    assert not surplus, f"sent, although they should be left out: {[dict(one) for one in surplus]}"
    wait_until(lambda: len(targets.mails) >= len(groups), 120, f"{len(groups)} mails")
    wait_until(lambda: sum("/sendMessage" in path for path, _ in targets.requests) >= len(groups), 120, "messages to Telegram")
    assert any("RigArrayNoRedundancy" in mail for mail in targets.mails), "no mail names the alert"
    print(f"{len(expected)} alerts, {len(wanted)} of them in {len(groups)} notifications; each by ntfy, mail and Telegram")


def main():
    program("prometheus-alertmanager")
    text = CONFIG.read_text()
    check_names(text)
    examples = EXAMPLE.findall(text)
    assert examples == ["email", "webhook", "telegram"], examples
    with tempfile.TemporaryDirectory(prefix="rig_alertmanager.") as directory, Targets() as targets:
        directory = pathlib.Path(directory)
        check_config(text, directory)
        for example in examples:
            check_config(re.sub(rf"^    # (?={example}_configs)", "    ", text, flags=re.MULTILINE), directory)
        with Alertmanager(with_receivers(text, targets), directory) as alertmanager:
            check_notifications(targets, check_states(alertmanager))


main()
