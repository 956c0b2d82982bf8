#!/usr/bin/env python3
"""The web configuration: what is documented for the exporters of the Prometheus project, a row each, and what only this
exporter does.

  web_config_test.py EXPORTER
"""
import base64
import concurrent.futures
import contextlib
import http.client
import pathlib
import re
import shutil
import ssl
import subprocess
import sys
import tempfile
import time
import unittest

from certificates import Certificates
from exporter_process import RIGS, Exporter, parse_samples, rig_flags, wait_until

PROGRAM = None
# Of "secret", at a low cost.
HASH = "$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW"
# Of "secret", at the usual cost.
SLOW_HASH = "$2y$10$cZKqmZq.kL8Qdho.Hq43EO1BUo20473TNNsexKh5OYIoflisIUqA2"
JO = {"Authorization": "Basic " + base64.b64encode(b"jo:secret").decode()}
WRONG = {"Authorization": "Basic " + base64.b64encode(b"jo:wrong").decode()}

directory = None
certificates = None


def setUpModule():
    global directory, certificates
    directory = pathlib.Path(tempfile.mkdtemp(prefix="rig_web_config."))
    certificates = Certificates(directory)
    certificates.make_ca("other-ca")
    certificates.make("server")
    certificates.make("rsa", rsa=True)
    certificates.make("renewed")
    certificates.make("client", names="DNS:prometheus.example,IP:192.0.2.9,URI:spiffe://x/y,email:jo@example.org")
    certificates.make("stranger", ca="other-ca")
    certificates.make("malformed-names", names="DER:05:00")
    certificates.make("for-servers", purpose="serverAuth")
    certificates.make("expired", days=0)


def tearDownModule():
    shutil.rmtree(directory, ignore_errors=True)


def tls(fields="", name="server"):
    return f"tls_server_config:\n  cert_file: {name}.crt\n  key_file: {name}.key\n{fields}"


def client_tls(certificate=None, version=None, ciphers=None, curve=None, verify=True):
    """A client's TLS settings."""
    context = ssl.create_default_context(cafile=certificates.path("ca.crt")) if verify else ssl.SSLContext(
        ssl.PROTOCOL_TLS_CLIENT)
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if certificate:
        context.load_cert_chain(certificates.path(f"{certificate}.crt"), certificates.path(f"{certificate}.key"))
    if version:
        context.maximum_version = context.minimum_version = version
    if ciphers:
        context.set_ciphers(ciphers)
    if curve:
        context.set_ecdh_curve(curve)
    return context


def connect(exporter, context=None):
    host, port = exporter.address.split(":")
    if context is None:
        return http.client.HTTPConnection(host, int(port), timeout=20)
    return http.client.HTTPSConnection("localhost", int(port), timeout=20, context=context)


def get(exporter, context=None, path="/metrics", headers=None):
    """Status, headers and text of a response; an OSError if the TLS handshake fails."""
    with contextlib.closing(connect(exporter, context)) as connection:
        connection.request("GET", path, headers=headers or {})
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read().decode()


@contextlib.contextmanager
def serving(text):
    """An exporter with this web configuration, and the file."""
    file = pathlib.Path(tempfile.mkstemp(dir=directory, suffix=".yml")[1])
    file.write_text(text)
    with Exporter(PROGRAM, f"--web.config.file={file}", *rig_flags(RIGS / "rx6800x2-raid0")) as exporter:
        yield exporter, file


class Documented(unittest.TestCase):
    """A row: what it is, the web configuration, the client's TLS (a function; None: plain HTTP), its headers, and the
    status it gets (None: the TLS handshake fails)."""

    V = ssl.TLSVersion
    VERIFY = "  client_ca_file: ca.crt\n  client_auth_type: RequireAndVerifyClientCert\n"
    ROWS = [
        ("no TLS", "", None, {}, 200),
        ("HTTP to a server with TLS", tls(), None, {}, 400),
        ("TLS to a server without", "", lambda: client_tls(), {}, None),
        ("cert_file and key_file", tls(), lambda: client_tls(), {}, 200),
        ("an RSA key", tls(name="rsa"), lambda: client_tls(), {}, 200),
        ("TLS 1.2 by default", tls(), lambda: client_tls(version=Documented.V.TLSv1_2), {}, 200),
        ("TLS 1.3 by default", tls(), lambda: client_tls(version=Documented.V.TLSv1_3), {}, 200),
        ("TLS 1.1 not by default", tls(), lambda: old_client_tls(Documented.V.TLSv1_1), {}, None),
        ("min_version: TLS11", tls("  min_version: TLS11\n"), lambda: old_client_tls(Documented.V.TLSv1_1), {}, 200),
        ("min_version: TLS13", tls("  min_version: TLS13\n"), lambda: client_tls(version=Documented.V.TLSv1_2), {}, None),
        ("max_version: TLS12", tls("  max_version: TLS12\n"), lambda: client_tls(version=Documented.V.TLSv1_3), {}, None),
        ("a cipher suite that is listed",
         tls("  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]\n  max_version: TLS12\n"),
         lambda: client_tls(ciphers="ECDHE-ECDSA-AES128-GCM-SHA256"), {}, 200),
        ("a cipher suite that is not listed",
         tls("  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]\n  max_version: TLS12\n"),
         lambda: client_tls(ciphers="ECDHE-ECDSA-AES256-GCM-SHA384"), {}, None),
        ("a curve that is listed", tls("  curve_preferences: [CurveP384]\n"), lambda: client_tls(curve="secp384r1"), {}, 200),
        ("a curve that is not listed", tls("  curve_preferences: [CurveP384]\n"),
         lambda: client_tls(curve="prime256v1"), {}, None),
        ("NoClientCert", tls("  client_auth_type: NoClientCert\n"), lambda: client_tls("stranger"), {}, 200),
        ("RequestClientCert, none sent", tls("  client_auth_type: RequestClientCert\n"), lambda: client_tls(), {}, 200),
        ("RequestClientCert, any sent", tls("  client_auth_type: RequestClientCert\n"), lambda: client_tls("stranger"), {},
         200),
        ("RequireAnyClientCert, none sent", tls("  client_auth_type: RequireAnyClientCert\n"), lambda: client_tls(), {},
         None),
        ("RequireAnyClientCert, any sent", tls("  client_auth_type: RequireAnyClientCert\n"),
         lambda: client_tls("stranger"), {}, 200),
        ("VerifyClientCertIfGiven, none sent", tls("  client_ca_file: ca.crt\n  client_auth_type: VerifyClientCertIfGiven\n"),
         lambda: client_tls(), {}, 200),
        ("VerifyClientCertIfGiven, one of another CA",
         tls("  client_ca_file: ca.crt\n  client_auth_type: VerifyClientCertIfGiven\n"), lambda: client_tls("stranger"), {},
         None),
        ("RequireAndVerifyClientCert, none sent", tls(VERIFY), lambda: client_tls(), {}, None),
        ("RequireAndVerifyClientCert", tls(VERIFY), lambda: client_tls("client"), {}, 200),
        ("RequireAndVerifyClientCert with TLS 1.2", tls(VERIFY),
         lambda: client_tls("client", version=Documented.V.TLSv1_2), {}, 200),
        ("RequireAndVerifyClientCert, one of another CA", tls(VERIFY), lambda: client_tls("stranger"), {}, None),
        ("RequireAndVerifyClientCert, one for servers only", tls(VERIFY), lambda: client_tls("for-servers"), {}, None),
        ("RequireAndVerifyClientCert, an expired one", tls(VERIFY), lambda: client_tls("expired"), {}, None),
        ("client_allowed_sans: a DNS name", tls(VERIFY + "  client_allowed_sans: [prometheus.example]\n"),
         lambda: client_tls("client"), {}, 200),
        ("client_allowed_sans: an address", tls(VERIFY + "  client_allowed_sans: [a, 192.0.2.9]\n"),
         lambda: client_tls("client"), {}, 200),
        ("client_allowed_sans: a URI", tls(VERIFY + "  client_allowed_sans: ['spiffe://x/y']\n"),
         lambda: client_tls("client"), {}, 200),
        ("client_allowed_sans: an e-mail address", tls(VERIFY + "  client_allowed_sans: [jo@example.org]\n"),
         lambda: client_tls("client"), {}, 200),
        ("client_allowed_sans: another name", tls(VERIFY + "  client_allowed_sans: [example]\n"),
         lambda: client_tls("client"), {}, None),
        ("client_allowed_sans: malformed names",
         tls("  client_auth_type: RequireAnyClientCert\n  client_allowed_sans: [example]\n"),
         lambda: client_tls("malformed-names"), {}, None),
        ("basic_auth_users, no password", f"basic_auth_users: {{jo: {HASH}}}", None, {}, 401),
        ("basic_auth_users, a wrong password", f"basic_auth_users: {{jo: {HASH}}}", None, WRONG, 401),
        ("basic_auth_users, another user", f"basic_auth_users: {{ann: {HASH}}}", None, JO, 401),
        ("basic_auth_users", f"basic_auth_users: {{ann: {SLOW_HASH}, jo: {HASH}}}", None, JO, 200),
        ("basic_auth_users with TLS", tls() + f"basic_auth_users: {{jo: {HASH}}}", lambda: client_tls(), JO, 200),
        ("http2", tls() + "http_server_config: {http2: true}", lambda: client_tls(), {}, 200),
    ]

    def test_each_row(self):
        for name, text, context, headers, expected in self.ROWS:
            with self.subTest(name), serving(text) as (exporter, _):
                try:
                    status = get(exporter, context() if context else None, headers=headers)[0]
                except (OSError, http.client.HTTPException):
                    status = None
                self.assertEqual(status, expected)

    def test_certificate_key_and_ca_may_be_in_the_file(self):
        def inline(name):
            return "".join(f"    {line}\n" for line in (directory / name).read_text().splitlines())
        text = (f"tls_server_config:\n  cert: |\n{inline('server.crt')}  key: |\n{inline('server.key')}"
                f"  client_ca: |\n{inline('ca.crt')}  client_auth_type: RequireAndVerifyClientCert\n")
        with serving(text) as (exporter, _):
            self.assertEqual(get(exporter, client_tls("client"))[0], 200)

    def test_the_end_of_a_connection_is_announced(self):
        for version in (Documented.V.TLSv1_2, Documented.V.TLSv1_3):
            with self.subTest(version), serving(tls()) as (exporter, _):
                for header, by_client in (("keep-alive", True), ("close", False)):
                    connection = connect(exporter, client_tls(version=version))
                    with contextlib.closing(connection):
                        connection.connect()
                        connection.sock.suppress_ragged_eofs = False
                        connection.sock.sendall(b"GET /-/healthy HTTP/1.1\r\nHost: a\r\nConnection: %s\r\n\r\n"
                                                % header.encode())
                        received = connection.sock.recv(65536)
                        while b"healthy" not in received:
                            received += connection.sock.recv(65536)
                        if not by_client:
                            self.assertEqual(connection.sock.recv(65536), b"")
                        connection.sock.unwrap()

    def test_headers(self):
        text = ("http_server_config: {headers: {Strict-Transport-Security: max-age=1, X-Frame-Options: sameorigin,\n"
                "  X-XSS-Protection: '0', X-Content-Type-Options: nosniff, Content-Security-Policy: \"default-src 'self'\"}}")
        with serving(text) as (exporter, _):
            headers = get(exporter)[1]
            self.assertEqual(headers["Strict-Transport-Security"], "max-age=1")
            self.assertEqual(headers["X-Frame-Options"], "sameorigin")
            self.assertEqual(headers["X-XSS-Protection"], "0")
            self.assertEqual(headers["Content-Security-Policy"], "default-src 'self'")
            self.assertEqual(headers["X-Content-Type-Options"], "nosniff")

    def test_rate_limit(self):
        with serving("rate_limit: {interval: 1h, burst: 3}") as (exporter, _):
            self.assertEqual([get(exporter)[0] for _ in range(5)], [200, 200, 200, 429, 429])
            self.assertIn("Retry-After", get(exporter)[1])
            self.assertEqual(get(exporter, path="/-/healthy")[0], 200)

    def test_an_invalid_file_is_rejected_at_start(self):
        for text, message in (("tls_server_config: {cert_file: server.crt}", "write key_file or key"),
                              (tls("  key_file: rsa.key\n"), 'duplicate field "key_file"'),
                              ("basic_auth_users: {jo: secret}", "not a bcrypt hash"),
                              ("tls_server_config: {cert_file: server.crt, key_file: rsa.key}", "do not match"),
                              (tls("  cipher_suites: [TLS_RC4]\n"), 'unknown suite "TLS_RC4"')):
            for flags in (["--config.check"], ["--web.listen-address=127.0.0.1:0"]):
                with self.subTest(text, flags=flags):
                    file = directory / "invalid.yml"
                    file.write_text(text)
                    result = subprocess.run([PROGRAM, f"--web.config.file={file}", *flags], capture_output=True, text=True,
                                            timeout=30)
                    self.assertEqual(result.returncode, 2)
                    self.assertIn(message, result.stderr)
                    self.assertIn(str(file), result.stderr)


def old_client_tls(version):
    """Of a version that OpenSSL offers at a lower security level only."""
    return client_tls(version=version, ciphers="ALL:@SECLEVEL=0")


class Passwords(unittest.TestCase):
    def test_wrong_passwords_are_slowed_down_counted_and_logged_without_the_password(self):
        with serving(f"basic_auth_users: {{jo: {HASH}}}") as (exporter, _):
            self.assertEqual(get(exporter, headers=JO)[0], 200)
            started = time.monotonic()
            for _ in range(3):
                status, headers, _ = get(exporter, headers=WRONG)
                self.assertEqual(status, 401)
                self.assertIn("Basic realm=", headers["WWW-Authenticate"])
            self.assertGreater(time.monotonic() - started, 2.9)
            self.assertEqual(get(exporter)[0], 401)
            samples = parse_samples(get(exporter, headers=JO)[2])
            self.assertEqual(samples["rig_exporter_http_authentication_failures_total"], 3)
            log = "".join(exporter.log)
            self.assertIn("wrong user name or password from 127.0.0.1", log)
            self.assertNotIn("secret", log)

    def test_guessing_does_not_delay_a_client_with_the_right_password(self):
        with serving(f"basic_auth_users: {{jo: {SLOW_HASH}}}") as (exporter, _):
            self.assertEqual(get(exporter, headers=JO)[0], 200)
            passwords = [{"Authorization": "Basic " + base64.b64encode(f"jo:{i}".encode()).decode()} for i in range(40)]
            with concurrent.futures.ThreadPoolExecutor(40) as pool:
                guesses = [pool.submit(get, exporter, headers=guess) for guess in passwords]
                longest = 0
                for _ in range(20):
                    started = time.monotonic()
                    self.assertEqual(get(exporter, headers=JO)[0], 200)
                    longest = max(longest, time.monotonic() - started)
                self.assertLess(longest, 5)  # a guess waits for up to 8 s
                exporter.stop()  # those that still wait get a response
                statuses = {guess.result()[0] for guess in guesses if not guess.exception()}
                self.assertTrue(statuses <= {401, 429, 503}, statuses)
                self.assertIn(429, statuses)

    def test_only_health_is_answered_without_a_password(self):
        with serving(f"basic_auth_users: {{jo: {HASH}}}") as (exporter, file):
            self.assertEqual(get(exporter, path="/-/healthy")[0], 200)
            for path in ("/", "/metrics", "/-/ready", "/api/v1/live", "/api/v1/history", "/nothing", "/-/healthy/"):
                status, headers, body = get(exporter, path=path)
                self.assertEqual(status, 401, path)
                self.assertNotRegex(str(headers) + body, r"0\.\d+\.\d|rig_gpu|/api")
            result = subprocess.run([PROGRAM, "--health", f"--web.listen-address={exporter.address}"], timeout=30,
                                    stdout=subprocess.DEVNULL)
            self.assertEqual(result.returncode, 0)


class Health(unittest.TestCase):
    def check(self, exporter, *flags):
        return subprocess.run([PROGRAM, "--health", f"--web.listen-address={exporter.address}", *flags],
                              capture_output=True, text=True, timeout=30)

    def test_health_of_a_server_with_tls_and_client_certificates(self):
        for fields in ("", Documented.VERIFY, Documented.VERIFY + "  client_allowed_sans: [example]\n",
                       "  client_auth_type: RequireAnyClientCert\n"):
            with self.subTest(fields), serving(tls(fields) + f"basic_auth_users: {{jo: {HASH}}}") as (exporter, file):
                result = self.check(exporter, f"--web.config.file={file}")
                self.assertEqual((result.returncode, result.stdout), (0, "healthy\n"), result.stderr)
                self.assertEqual(self.check(exporter).returncode, 1)  # no TLS

    def test_the_servers_own_certificate_is_accepted_for_nothing_else(self):
        with serving(tls(Documented.VERIFY + "  client_allowed_sans: [example]\n")) as (exporter, _):
            self.assertEqual(get(exporter, client_tls("server"))[0], 403)
            self.assertEqual(get(exporter, client_tls("server"), path="/-/healthy")[0], 200)
            self.assertRaises(OSError, get, exporter, client_tls("renewed"))


class Reload(unittest.TestCase):
    def presented_certificate(self, exporter):
        with contextlib.closing(connect(exporter, client_tls())) as connection:
            connection.connect()
            return ssl.DER_cert_to_PEM_cert(connection.sock.getpeercert(binary_form=True))

    def test_a_renewed_certificate_is_used_without_closing_connections(self):
        for name in ("crt", "key"):
            shutil.copy(directory / f"server.{name}", directory / f"changing.{name}")
        with serving(tls(name="changing")) as (exporter, _):
            old = connect(exporter, client_tls())
            old.request("GET", "/-/healthy")
            self.assertEqual(old.getresponse().read(), b"healthy\n")
            for name in ("crt", "key"):
                shutil.copy(directory / f"renewed.{name}", directory / "next")
                (directory / "next").rename(directory / f"changing.{name}")
            renewed = (directory / "renewed.crt").read_text()
            wait_until(lambda: self.presented_certificate(exporter) == renewed, 20, "the renewed certificate")
            old.request("GET", "/-/healthy")
            self.assertEqual(old.getresponse().read(), b"healthy\n")
            old.close()

    def test_users_are_reloaded_and_an_invalid_file_leaves_the_old_ones(self):
        with serving(f"basic_auth_users: {{jo: {HASH}}}") as (exporter, file):
            self.assertEqual(get(exporter, headers=JO)[0], 200)
            for text, error in (("basic_auth_users: {jo: secret}", "not a bcrypt hash"), ("", "is empty")):
                file.write_text(text)  # an empty file may be one that is being written
                wait_until(lambda error=error: error in "".join(exporter.log), 20, "the error in the log")
                self.assertEqual(get(exporter, headers=JO)[0], 200)
                self.assertEqual(get(exporter)[0], 401)
            file.write_text(f"basic_auth_users: {{ann: {HASH}}}")
            wait_until(lambda: get(exporter, headers=JO)[0] == 401, 20, "the user to be removed")

    def test_no_request_fails_while_the_files_change(self):
        with serving(tls() + f"basic_auth_users: {{jo: {HASH}}}") as (exporter, file):
            context = client_tls()
            text = file.read_text()
            end = time.monotonic() + 6
            with concurrent.futures.ThreadPoolExecutor(4) as pool:
                def scrape():
                    count = 0
                    while time.monotonic() < end:
                        self.assertEqual(get(exporter, context, headers=JO)[0], 200)
                        count += 1
                    return count
                scrapes = [pool.submit(scrape) for _ in range(4)]
                while time.monotonic() < end:
                    file.write_text(text + f"# {time.monotonic()}\n")
                    time.sleep(0.3)
                self.assertGreater(sum(each.result() for each in scrapes), 20)
            reloads = len(re.findall("has changed: reloaded", "".join(exporter.log)))
            self.assertGreater(reloads, 1)


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main(verbosity=2)
