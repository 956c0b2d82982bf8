#!/usr/bin/env python3
"""Addresses that the machine gets after the exporter was started. Runs itself in a network namespace of its own.

  late_address_test.py EXPORTER
"""
import http.client
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest

from exporter_process import RIGS, rig_flags, wait_until

PROGRAM = None
PORT = 10068
IN_NAMESPACE = "RIG_TEST_IN_NAMESPACE"


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True)


def status_at(host):
    """Of /-/healthy at a host, or None if nobody can connect."""
    connection = http.client.HTTPConnection(host, PORT, timeout=5)
    try:
        connection.request("GET", "/-/healthy")
        return connection.getresponse().status
    except OSError:
        return None
    finally:
        connection.close()


def command(*addresses):
    return [PROGRAM, "--no-collector.gpu", *rig_flags(RIGS / "no-gpu-no-raid"),
            *(f"--web.listen-address={address}" for address in addresses)]


class LateAddress(unittest.TestCase):
    def start(self, *addresses):
        self.process = subprocess.Popen(command(*addresses), stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.log = ""
        reader = threading.Thread(target=self.read_log, daemon=True)
        reader.start()
        self.addCleanup(self.stop, reader)

    def read_log(self):
        for line in self.process.stderr:
            self.log += line

    def stop(self, reader):
        self.process.terminate()
        self.assertEqual(self.process.wait(20), 0, self.log)
        reader.join(5)
        self.process.stderr.close()

    def wait_for_log(self, pattern):
        wait_until(lambda: re.search(pattern, self.log), 20, f"{pattern} in\n{self.log}")

    def wait_for_response(self, host):
        wait_until(lambda: status_at(host) == 200, 20, f"a response of {host}")

    def refused(self, *addresses):
        done = subprocess.run(command(*addresses), capture_output=True, text=True, timeout=30, check=False)
        return done.returncode, done.stderr

    def add_link(self, name):
        done = subprocess.run(["ip", "link", "add", name, "type", "veth", "peer", "name", name + "p"],
                              capture_output=True, check=False)
        if done.returncode != 0:
            self.skipTest("cannot create a network interface")
        ip("link", "set", name + "p", "up")
        ip("link", "set", name, "up")

    def need_ipv6(self):
        if not pathlib.Path("/proc/net/if_inet6").exists():
            self.skipTest("the kernel has no IPv6")

    def check_comes_and_goes(self, address, prefix):
        host = address.strip("[]")
        self.start(f"{address}:{PORT}")
        self.wait_for_log(re.escape(f"does not have the address {address}:{PORT} yet"))
        self.assertIsNone(status_at(host))
        for _ in range(2):
            ip("address", "add", host + prefix, "dev", "lo")
            self.wait_for_response(host)
            self.wait_for_log(re.escape(f"has the address {address}:{PORT} now"))
            ip("address", "del", host + prefix, "dev", "lo")
            self.assertIsNone(status_at(host))
        self.assertEqual(self.log.count("does not have the address"), 1, self.log)

    def test_an_ipv4_address_that_comes_and_goes(self):
        self.check_comes_and_goes("10.99.0.1", "/32")

    def test_an_ipv6_address_that_comes_and_goes(self):
        self.need_ipv6()
        self.check_comes_and_goes("[2001:db8:99::1]", "/128")

    def test_an_ipv6_address_that_is_still_checked_for_duplicates(self):
        self.need_ipv6()
        self.add_link("wg1")
        self.addCleanup(ip, "link", "del", "wg1")
        ip("address", "add", "2001:db8:98::1/64", "dev", "wg1")
        self.start(f"[2001:db8:98::1]:{PORT}")
        self.wait_for_response("2001:db8:98::1")

    def test_others_are_served_while_an_interface_does_not_exist(self):
        self.need_ipv6()
        self.start(f"127.0.0.1:{PORT}", f"[fe80::99%wg0]:{PORT}", f"10.99.0.2:{PORT}")
        self.wait_for_log(r"cannot listen on \[fe80::99%wg0\]:10068: No such device; trying again every 3s")
        self.wait_for_response("127.0.0.1")
        for _ in range(2):  # an interface that is created again has another index
            self.add_link("wg0")
            ip("address", "add", "fe80::99/64", "dev", "wg0", "nodad")
            self.wait_for_response("fe80::99%wg0")
            self.assertEqual(status_at("127.0.0.1"), 200)
            ip("link", "del", "wg0")
        self.wait_for_log(r"the network interface of \[fe80::99%wg0\]:10068 has gone(.|\n)*listening on \[fe80::99%wg0\]:10068 now")
        self.assertEqual(self.log.count("cannot listen on"), 1, self.log)

    def test_an_interface_that_exists_at_the_start_may_be_created_again(self):
        self.need_ipv6()
        self.add_link("wg2")
        ip("address", "add", "fe80::98/64", "dev", "wg2", "nodad")
        self.start(f"[fe80::98%wg2]:{PORT}")
        self.wait_for_response("fe80::98%wg2")
        for _ in range(2):
            ip("link", "del", "wg2")
            self.add_link("wg2")
            ip("address", "add", "fe80::98/64", "dev", "wg2", "nodad")
            self.wait_for_response("fe80::98%wg2")
        ip("link", "del", "wg2")

    def test_an_address_in_use_a_refused_port_and_a_malformed_address_end_it(self):
        self.need_ipv6()
        self.start(f"127.0.0.1:{PORT}", f"10.99.0.4:{PORT}")
        self.wait_for_response("127.0.0.1")
        for address, status, message in (("127.0.0.1:10068", 1, "Address already in use"),
                                         ("10.99.0.4:10068", 1, "Address already in use"),
                                         ("[fe80::1]:10068", 1, "needs its network interface"),
                                         ("10.99.0:3:1", 2, "IPv6 address without brackets")):
            with self.subTest(address):
                returned, errors = self.refused("10.99.0.3:1068", address)
                self.assertEqual(returned, status, errors)
                self.assertIn(message, errors.splitlines()[-1])

    def test_the_doctor_reports_an_address_that_the_machine_does_not_have(self):
        done = subprocess.run([*command(f"10.99.0.5:{PORT}"), "doctor"], capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("this machine does not have that address now", " ".join(done.stdout.split()))

    def test_a_name_that_cannot_be_resolved_now_is_waited_for_and_one_that_does_not_exist_is_not(self):
        with tempfile.TemporaryDirectory() as directory:
            etc = pathlib.Path(directory)
            (etc / "hosts").write_text("127.0.0.1 localhost\n")
            (etc / "resolv.conf").write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
            (etc / "nsswitch.conf").write_text("hosts: files\n")
            for name in ("hosts", "resolv.conf", "nsswitch.conf"):
                target = f"/etc/{name}"
                if subprocess.run(["mount", "--bind", etc / name, os.path.realpath(target)], capture_output=True,
                                  check=False).returncode != 0:
                    self.skipTest(f"cannot replace {target}")
                self.addCleanup(subprocess.run, ["umount", os.path.realpath(target)], check=False)
            returned, errors = self.refused(f"late.rig.test:{PORT}")
            self.assertEqual(returned, 1, errors)
            self.assertIn("cannot listen on late.rig.test:10068", errors)

            (etc / "nsswitch.conf").write_text("hosts: files dns\n")
            self.start(f"late.rig.test:{PORT}")
            self.wait_for_log(r"cannot listen on late.rig.test:10068: .*; trying again every 3s")
            (etc / "hosts").write_text("127.0.0.1 localhost\n10.99.0.6 late.rig.test\n")
            ip("address", "add", "10.99.0.6/32", "dev", "lo")
            self.wait_for_response("10.99.0.6")
            self.wait_for_log("listening on 10.99.0.6:10068 now")
            ip("address", "del", "10.99.0.6/32", "dev", "lo")


def enter_namespace():
    works = shutil.which("ip") and shutil.which("unshare") and subprocess.run(
        ["unshare", "-rnm", "ip", "link", "set", "lo", "up"], capture_output=True, check=False).returncode == 0
    if not works:
        print("skipped: cannot create a network namespace with unshare -rnm and ip")
        sys.exit(77)
    os.environ[IN_NAMESPACE] = "1"
    os.execvp("unshare", ["unshare", "-rnm", sys.executable, os.path.abspath(__file__), *sys.argv[1:]])


if __name__ == "__main__":
    if IN_NAMESPACE not in os.environ:
        enter_namespace()
    PROGRAM = sys.argv.pop(1)
    ip("link", "set", "lo", "up")
    unittest.main(verbosity=2)
