#!/usr/bin/env python3
"""Malformed HTTP requests: whatever arrives, the exporter responds in well-formed HTTP or closes the connection, goes on,
and serves others meanwhile.

  http_fuzz_test.py EXPORTER [--requests N] [--seed N]

The requests are valid ones, and those of http_test.py, with random changes. They depend on the seed only. Up to three are
sent on a connection, since an error in one may show in the next. Requests after one that ends the connection do not count.
"""
import argparse
import collections
import contextlib
import itertools
import random
import re
import socket
import sys
import time
import unittest

from bystander import ExporterWithBystander
from http_test import REQUESTS

STATUSES = {100, 200, 304, 400, 403, 404, 405, 411, 413, 414, 417, 431, 501, 503, 505}
SEEDS = [request for request, _, _ in REQUESTS.values() if len(request) < 4000] + [
    b"GET /metrics?collect[]=cpu&collect%5B%5D=memory HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip, *;q=0.1\r\n\r\n",
    b"GET /metrics HTTP/1.1\r\nHost: a\r\nX-Prometheus-Scrape-Timeout-Seconds: 5\r\nAccept: text/plain;version=0.0.4\r\n\r\n",
    b"GET /api/v1/history?since=1700000000 HTTP/1.1\r\nHost: a\r\nIf-None-Match: \"1\"\r\nRange: bytes=0-4\r\n\r\n",
    b"GET /api/v1/live HTTP/1.1\r\nHost: a\r\nAuthorization: Basic YTpi\r\nCookie: a=b; c=d\r\n\r\n",
    b"POST /-/reload HTTP/1.1\r\nHost: a\r\nOrigin: null\r\nContent-Length: 3\r\n\r\nabc",
    b"PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n4;x=y\r\nabcd\r\n0\r\nX: 1\r\n\r\n",
    b"POST /metrics HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx",
    b"OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n\r\n",
    b"CONNECT rig:443 HTTP/1.1\r\nHost: rig:443\r\n\r\n",
    b"HEAD / HTTP/1.1\r\nHost: [::1]:10068\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
]
FRAGMENTS = [
    b"\r\n", b"\n", b"\r", b"\r\n\r\n", b"\0", b" ", b"\t", b":", b": ", b",", b";", b"%", b"%00", b"%2e%2e%2f", b"%zz", b"?",
    b"&", b"=", b"#", b"/", b"//", b"/../", b"*", b"\x7f", b"\x80", b"\xff\xfe", b"\xc3\x28", b"-1", b"0", b"0x10", b"1e9",
    b"4294967296", b"18446744073709551616", b"9" * 40, b"HTTP/1.1", b"HTTP/1.0", b"HTTP/9.9", b"GET ", b"Host: b\r\n",
    b"Content-Length: 5\r\n", b"Transfer-Encoding: chunked\r\n", b"Connection: close\r\n", b"Connection: keep-alive\r\n",
    b"Expect: 100-continue\r\n", b" folded\r\n", b"A" * 300, b"collect[]=cpu&" * 20, b"X: y\r\n" * 40,
    b"Accept-Encoding: " + b"gzip;q=0.1, " * 30 + b"\r\n",
]
IP_BIND_ADDRESS_NO_PORT = 24  # the port is chosen by connect(2)
RESPONSE = re.compile(rb"HTTP/1\.[01] (\d{3}) [^\r\n]*\r\n(?:[\w-]+: [^\r\n]*\r\n)*\r\n")


def changed(request, rng):
    """The request with up to four changes; one in eight is unchanged."""
    data = bytearray(request)
    for _ in range(rng.choice((0, 1, 1, 1, 2, 2, 3, 4))):
        at, end = sorted((rng.randrange(len(data) + 1), rng.randrange(len(data) + 1)))
        kind = rng.randrange(6)
        if kind == 0 and data:
            data[min(at, len(data) - 1)] = rng.randrange(256)
        elif kind == 1:
            del data[at:min(end, at + 20)]
        elif kind == 2:
            data[at:at] = rng.choice(FRAGMENTS)
        elif kind == 3:
            data[at:at] = data[at:end]
        elif kind == 4:
            other = rng.choice(SEEDS)
            data[at:] = other[rng.randrange(len(other)):]
        else:
            data[at:min(end, at + 8)] = rng.choice(FRAGMENTS)
    return bytes(data)


class Fuzz(ExporterWithBystander):
    REQUESTS = 10_000
    SEED = 1
    addresses = itertools.count()

    def exchange(self, data):
        """What the exporter sends until it closes the connection."""
        host, port = self.exporter.address.rsplit(":", 1)
        with socket.socket() as connection:
            # Closed connections keep their ports for a minute: with many addresses, there are enough of them. None is that
            # of the bystander, who has a limit of connections of its own.
            connection.setsockopt(socket.IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1)
            connection.bind((f"127.{next(self.addresses) % 200 + 1}.0.1", 0))
            connection.settimeout(60)
            connection.connect((host, int(port)))
            received = b""
            with contextlib.suppress(ConnectionResetError, BrokenPipeError):
                connection.sendall(data)
                connection.shutdown(socket.SHUT_WR)
                while part := connection.recv(1 << 20):
                    received += part
        return received

    def check(self, sent, received, statuses):
        if not received:
            statuses["closed"] += 1
            return
        self.assertIsNotNone(RESPONSE.match(received), (sent, received[:300]))
        for status in RESPONSE.findall(received):
            statuses[int(status)] += 1
            self.assertIn(int(status), STATUSES, sent)

    def test_malformed_requests_get_well_formed_responses_and_leave_nothing(self):
        rng = random.Random(self.SEED)
        statuses = collections.Counter()
        requests = self.REQUESTS // (10 if self.sanitized else 1)
        start = time.monotonic()
        with self.while_others_scrape():
            while statuses.total() < requests:
                sent = b"".join(changed(rng.choice(SEEDS), rng) for _ in range(rng.choice((1, 1, 2, 3))))
                self.check(sent, self.exchange(sent), statuses)
        print(f"\n  {statuses.total()} requests in {time.monotonic() - start:.0f} s: "
              f"{', '.join(f'{status} {count}' for status, count in statuses.most_common())}", file=sys.stderr)
        self.assertGreater(len(statuses), 5)
        self.assertEqual(self.exporter.get("/-/healthy")[0], 200)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--requests", type=int, default=Fuzz.REQUESTS)
    parser.add_argument("--seed", type=int, default=Fuzz.SEED)
    arguments = parser.parse_args()
    ExporterWithBystander.PROGRAM, Fuzz.REQUESTS, Fuzz.SEED = arguments.program, arguments.requests, arguments.seed
    unittest.main(argv=[__file__], verbosity=2)
