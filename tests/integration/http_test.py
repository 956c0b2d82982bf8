#!/usr/bin/env python3
"""The HTTP server as its clients see it: the rules of RFC 9110 and 9112, and clients that misbehave.

  http_test.py EXPORTER
"""
import contextlib
import http.client
import resource
import socket
import sys
import time
import unittest

from bystander import ExporterWithBystander
from exporter_process import RIGS, Exporter, rig_flags

PROGRAM = None

# Request bytes, the status of the response, and what the response contains.
REQUESTS = {
    "origin-form": (b"GET /-/healthy HTTP/1.1\r\nHost: a\r\n\r\n", 200, "nosniff"),
    "absolute-form": (b"GET http://rig:10068/-/healthy HTTP/1.1\r\nHost: a\r\n\r\n", 200, ""),
    "absolute-form without a path": (b"GET http://rig:10068 HTTP/1.1\r\nHost: a\r\n\r\n", 200, "rig_exporter"),
    "HTTP/1.0 needs no Host": (b"GET /-/healthy HTTP/1.0\r\n\r\n", 200, ""),
    "HTTP/1.1 without Host": (b"GET /-/healthy HTTP/1.1\r\n\r\n", 400, ""),
    "two Hosts": (b"GET /-/healthy HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, "exactly one Host"),
    "equal lengths": (b"GET /-/healthy HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nxx", 200, ""),
    "contradicting lengths":
        (b"GET /-/healthy HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nxxx", 400, ""),
    "a negative length": (b"GET /-/healthy HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400, ""),
    "length and coding":
        (b"GET /-/healthy HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, ""),
    "an unknown coding": (b"GET /-/healthy HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: br\r\n\r\n", 501, "supported"),
    "an unknown coding before chunked":
        (b"GET /-/healthy HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: br, chunked\r\n\r\n0\r\n\r\n", 501, "supported"),
    "two codings": (b"GET /-/healthy HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
                    b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, ""),
    "coding and length":
        (b"GET /-/healthy HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n0\r\n\r\n", 400, ""),
    "a chunked body":
        (b"GET /-/healthy HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", 200, ""),
    "a malformed chunk":
        (b"GET /-/healthy HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n", 400, "chunk"),
    "chunks that are too large":
        (b"GET /-/healthy HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + 5 * (b"4000\r\n" + b"x" * 16384 + b"\r\n")
         + b"0\r\n\r\n", 413, "65536"),
    "a chunk size that overflows":
        (b"GET /-/healthy HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n\r\n", 400, "chunk"),
    "a trailer that contradicts":
        (b"GET /-/healthy HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nHost: b\r\nX-A: b\r\n\r\n", 200, ""),
    "a body that is too large": (b"GET /-/healthy HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n", 413, "65536"),
    "a length that overflows":
        (b"GET /-/healthy HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n", 400, "Content-Length"),
    "a space before the colon": (b"GET /-/healthy HTTP/1.1\r\nHost : a\r\n\r\n", 400, ""),
    "no colon": (b"GET /-/healthy HTTP/1.1\r\nHost a\r\n\r\n", 400, ""),
    "no version": (b"GET /-/healthy\r\n\r\n", 400, ""),
    "an unknown version": (b"GET /-/healthy HTTP/2.0\r\nHost: a\r\n\r\n", 400, "version"),
    "a header line that continues": (b"GET /-/healthy HTTP/1.1\r\nHost: a\r\nX-A: b\r\n c\r\n\r\n", 200, ""),
    "lines that end without CR": (b"GET /-/healthy HTTP/1.1\nHost: a\n\n", 400, ""),
    "a NUL in a header": (b"GET /-/healthy HTTP/1.1\r\nHost: a\r\nX-A: b\0c\r\n\r\n", 400, ""),
    "not HTTP": (b"SSH-2.0-OpenSSH\r\n\r\n", 400, "malformed request"),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400, "malformed request"),
    "an unsupported target": (b"GET metrics HTTP/1.1\r\nHost: a\r\n\r\n", 400, "unsupported request target"),
    "POST": (b"POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", 405, "Allow: GET, HEAD"),
    "an unknown method": (b"BREW /metrics HTTP/1.1\r\nHost: a\r\n\r\n", 405, "Allow: GET, HEAD"),
    "an unknown path": (b"GET /metricsfoo HTTP/1.1\r\nHost: a\r\n\r\n", 404, "/metrics"),
    "a long target": (b"GET /" + b"x" * 40000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414, ""),
    "a long header": (b"GET /-/healthy HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 40000 + b"\r\n\r\n", 431, ""),
    "many headers": (b"GET /-/healthy HTTP/1.1\r\nHost: a\r\n" + b"X-A: b\r\n" * 30000 + b"\r\n", 431, ""),
    "many parameters": (b"GET /metrics?" + b"collect[]=memory&" * 200 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 200, "rig_memory"),
    "HEAD": (b"HEAD /metrics HTTP/1.1\r\nHost: a\r\n\r\n", 200, "Content-Length: "),
    "an empty line before a request": (b"\r\nGET /-/healthy HTTP/1.1\r\nHost: a\r\n\r\n", 200, ""),
}

SECURITY_HEADERS = ("X-Content-Type-Options: nosniff", "X-Frame-Options: DENY", "Referrer-Policy: no-referrer",
                    "Content-Security-Policy: default-src ")


def connect(exporter):
    host, port = exporter.address.rsplit(":", 1)
    return socket.create_connection((host, int(port)), timeout=30)


def receive_all(connection):
    received = b""
    with contextlib.suppress(ConnectionResetError):
        while part := connection.recv(65536):
            received += part
    return received


def status_of(response):
    return int(response.split(b" ", 2)[1]) if response.startswith(b"HTTP/1.") else None


class Rules(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.exporter = Exporter(PROGRAM, *rig_flags(RIGS / "rx6800x2-raid0"))
        cls.addClassCleanup(cls.exporter.stop)
        cls.exporter.wait_ready()

    def test_each_kind_of_request_gets_its_status(self):
        for name, (request, status, content) in REQUESTS.items():
            with self.subTest(name), connect(self.exporter) as connection:
                with contextlib.suppress(OSError):  # the exporter may have closed it already
                    connection.sendall(request)
                    connection.shutdown(socket.SHUT_WR)  # a client that half-closes gets its response
                response = receive_all(connection)
                self.assertEqual(status_of(response), status, response[:1000])
                self.assertIn(content, response.decode())
                head, _, body = response.partition(b"\r\n\r\n")
                for header in SECURITY_HEADERS:
                    self.assertIn(header, head.decode())
                self.assertEqual(body == b"", name == "HEAD")

    def test_a_client_that_asks_before_sending_a_body_is_told_to_go_on(self):
        with connect(self.exporter) as connection:
            connection.sendall(b"GET /-/healthy HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n"
                               b"Connection: close\r\n\r\n")
            self.assertEqual(connection.recv(65536), b"HTTP/1.1 100 Continue\r\n\r\n")
            connection.sendall(b"xx")
            self.assertEqual(status_of(receive_all(connection)), 200)

    def test_a_client_that_asks_before_sending_too_large_a_body_is_rejected(self):
        with connect(self.exporter) as connection:
            connection.sendall(b"GET /-/healthy HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 99999999\r\n\r\n")
            self.assertEqual(status_of(receive_all(connection)), 413)

    def test_http_1_0_keeps_a_connection_only_if_asked(self):
        for header, kept in ((b"", False), (b"Connection: keep-alive\r\n", True)):
            with self.subTest(header), connect(self.exporter) as connection:
                connection.sendall(b"GET /-/healthy HTTP/1.0\r\n" + header + b"\r\nGET /missing HTTP/1.0\r\n\r\n")
                responses = receive_all(connection)
                self.assertEqual(b"404 Not Found" in responses, kept, responses)
                self.assertEqual(b"Connection: keep-alive" in responses, kept, responses)

    def test_a_client_that_still_sends_receives_its_rejection(self):
        with connect(self.exporter) as connection:
            connection.sendall(b"GET /-/healthy HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n" + b"x" * 1000000)
            time.sleep(0.2)
            with contextlib.suppress(OSError):
                connection.sendall(b"x" * 1000000)
            self.assertEqual(status_of(receive_all(connection)), 413)

    def test_a_request_may_arrive_byte_by_byte(self):
        for name, (request, status, _) in REQUESTS.items():
            if len(request) > 300:
                continue
            with self.subTest(name), connect(self.exporter) as connection:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                with contextlib.suppress(OSError):
                    for i in range(len(request)):
                        connection.send(request[i:i + 1])
                        time.sleep(0.0005)
                    connection.shutdown(socket.SHUT_WR)
                # A head that never ends is not rejected.
                self.assertIn(status_of(receive_all(connection)), (status,) if status == 200 else (status, None))

    def test_a_client_that_half_closes_gets_a_response_that_takes_time(self):
        with connect(self.exporter) as connection:
            connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            connection.shutdown(socket.SHUT_WR)
            self.assertEqual(status_of(receive_all(connection)), 200)

    def test_a_connection_is_reused(self):
        connection = http.client.HTTPConnection(self.exporter.address, timeout=30)
        with contextlib.closing(connection):
            for path in ("/metrics", "/-/healthy", "/missing", "/metrics"):
                connection.request("GET", path)
                used = connection.sock
                connection.getresponse().read()
                self.assertIs(connection.sock, used)

    def test_pipelined_requests_are_answered_in_order(self):
        with connect(self.exporter) as connection:
            connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\nGET /missing HTTP/1.1\r\nHost: a\r\n\r\n"
                               b"GET /-/healthy HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            response = receive_all(connection)
        positions = [response.find(line) for line in (b"HTTP/1.1 200 OK", b"HTTP/1.1 404", b"\r\n\r\nhealthy\n")]
        self.assertNotIn(-1, positions, response[-500:])
        self.assertEqual(positions, sorted(positions))

    def test_compression_is_negotiated(self):
        for accepted, compressed in (
                ("gzip", True), ("GZIP", True), ("deflate, gzip;q=0.5", True), ("*", True), ("*;q=1, identity;q=0", True),
                ("identity", False), ("gzip;q=0", False), ("*, gzip;q=0", False), ("*;q=0", False), ("", False)):
            with self.subTest(accepted):
                with connect(self.exporter) as connection:
                    connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAccept-Encoding: "
                                       + accepted.encode() + b"\r\n\r\n")
                    head = receive_all(connection).split(b"\r\n\r\n")[0]
                self.assertEqual(b"Content-Encoding: gzip" in head, compressed, head)
                self.assertIn(b"Vary: Accept, Accept-Encoding", head)

    def test_repeated_header_lines_are_one_list(self):
        with connect(self.exporter) as connection:
            connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAccept-Encoding: br\r\n"
                               b"Accept-Encoding: gzip\r\n\r\n")
            self.assertIn(b"Content-Encoding: gzip", receive_all(connection).split(b"\r\n\r\n")[0])

    def test_no_response_discloses_the_version_of_the_server_in_a_header(self):
        _, headers, _ = self.exporter.get("/metrics")
        self.assertNotIn("Server", headers)


class Misbehaviour(ExporterWithBystander):
    def setUp(self):
        super().setUp()
        self.clients = 0.1 if self.sanitized else 1

    def open_connections(self, count):
        connections = [connect(self.exporter) for _ in range(count)]
        stack = contextlib.ExitStack()
        for connection in connections:
            stack.enter_context(connection)
        return stack, connections

    def test_thousands_of_clients_that_send_one_byte_and_leave(self):
        with self.while_others_scrape():
            for _ in range(int(4000 * self.clients)):
                with connect(self.exporter) as connection:
                    connection.send(b"G")

    def test_silent_clients(self):
        with self.while_others_scrape():
            held, _ = self.open_connections(int(1000 * self.clients))
            time.sleep(2)
            held.close()

    def test_clients_that_send_their_requests_slowly(self):
        with self.while_others_scrape():
            held, connections = self.open_connections(int(600 * self.clients))
            for byte in b"GET /metrics HTTP/1.1\r\nHost":
                for connection in connections:
                    with contextlib.suppress(OSError):  # closed by the exporter
                        connection.send(bytes([byte]))
                time.sleep(0.1)
            held.close()

    def test_clients_that_do_not_read_their_responses(self):
        with self.while_others_scrape():
            held, connections = self.open_connections(int(500 * self.clients))
            for connection in connections:
                with contextlib.suppress(OSError):
                    connection.send(b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n" * 50)
            time.sleep(2)
            held.close()

    def test_clients_that_send_request_after_request(self):
        request = b"GET /missing HTTP/1.1\r\nHost: a\r\n\r\n" * 500
        with self.while_others_scrape():
            held, connections = self.open_connections(4)
            end = time.monotonic() + 3
            while time.monotonic() < end:
                for connection in connections:
                    connection.setblocking(False)
                    with contextlib.suppress(OSError):
                        connection.send(request)
                    with contextlib.suppress(OSError):
                        connection.recv(1 << 20)
            held.close()

    def test_headers_without_end(self):
        with self.while_others_scrape():
            for first in (b"", b"GET /-/healthy HTTP/1.1\r\nHost: a\r\n\r\n"):
                with connect(self.exporter) as connection, contextlib.suppress(OSError):
                    connection.sendall(first + b"GET / HTTP/1.1\r\n")
                    for _ in range(int(2000 * self.clients)):
                        connection.sendall(b"a:\r\n" * 500)

    def test_empty_lines_without_end(self):
        with self.while_others_scrape(), connect(self.exporter) as connection, contextlib.suppress(OSError):
            for _ in range(int(2000 * self.clients)):
                connection.sendall(b"\r\n" * 5000)

    def test_a_request_has_to_be_complete_in_time_however_steadily_it_arrives(self):
        with connect(self.exporter) as connection:
            start = time.monotonic()
            with self.assertRaises(OSError):
                while time.monotonic() < start + 30:
                    connection.send(b"X")
                    time.sleep(0.2)
            self.assertGreater(time.monotonic() - start, 5)


if __name__ == "__main__":
    PROGRAM = ExporterWithBystander.PROGRAM = sys.argv.pop(1)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]),) * 2)
    unittest.main(verbosity=2)
