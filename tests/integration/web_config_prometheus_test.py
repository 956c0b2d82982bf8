#!/usr/bin/env python3
"""A real Prometheus scrapes an exporter that requires TLS, a client certificate and a password.

  web_config_prometheus_test.py EXPORTER
"""
import pathlib
import sys
import tempfile
import time
import unittest

from certificates import Certificates
from exporter_process import RIGS, Exporter, rig_flags
from prometheus_process import Prometheus
from web_config_test import HASH

PROGRAM = None


class Scrapes(unittest.TestCase):
    def test_with_a_password_and_a_client_certificate_but_not_without(self):
        with tempfile.TemporaryDirectory() as directory:
            certificates = Certificates(directory)
            certificates.make("server")
            certificates.make("client", names="DNS:prometheus.example", purpose="clientAuth")
            config = pathlib.Path(directory, "web.yml")
            config.write_text("tls_server_config: {cert_file: server.crt, key_file: server.key, client_ca_file: ca.crt,\n"
                              "  client_auth_type: RequireAndVerifyClientCert,\n"
                              "  client_allowed_sans: [prometheus.example]}\n"
                              f"basic_auth_users: {{prometheus: {HASH}}}\n")
            tls = {"ca_file": certificates.path("ca.crt"), "cert_file": certificates.path("client.crt"),
                   "key_file": certificates.path("client.key"), "server_name": "localhost"}
            password = {"username": "prometheus", "password": "secret"}
            anonymous = {"ca_file": certificates.path("ca.crt"), "server_name": "localhost"}
            with Exporter(PROGRAM, f"--web.config.file={config}", *rig_flags(RIGS / "rx6800x2-raid0")) as exporter:
                targets = {"rig": exporter.address}
                with Prometheus(targets, scheme="https", tls_config=tls, basic_auth=password) as prometheus:
                    prometheus.wait_for_scrapes(targets, 3)
                    self.assertEqual([value for _, value in prometheus.query("up")], [1])
                    self.assertTrue(prometheus.query("rig_raid_array_info"))
                    time.sleep(3)  # several scrapes with the same connection
                    self.assertEqual(prometheus.query("min_over_time(up[1m])")[0][1], 1)
                for options in ({"tls_config": anonymous, "basic_auth": password}, {"tls_config": tls}):
                    with Prometheus(targets, scheme="https", **options) as prometheus:
                        prometheus.wait_for_scrapes(targets, 2)
                        self.assertEqual([value for _, value in prometheus.query("up")], [0])


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main(verbosity=2)
