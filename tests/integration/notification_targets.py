"""Servers for a test that receive what Alertmanager sends: HTTP requests and mail."""
import http.server
import json
import socketserver
import threading


class Targets:
    """`requests` has (path, body) of each HTTP request, `mails` the text of each mail."""

    def __init__(self):
        self.requests, self.mails = [], []
        self._servers = [http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._http_handler()),
                         socketserver.ThreadingTCPServer(("127.0.0.1", 0), self._smtp_handler())]
        self.http, self.smtp = (f"127.0.0.1:{server.server_address[1]}" for server in self._servers)

    def __enter__(self):
        for server in self._servers:
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def _http_handler(self):
        requests = self.requests

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                requests.append((self.path, self.rfile.read(int(self.headers["Content-Length"])).decode()))
                # What Telegram answers; the others need no body.
                answer = {"ok": True, "result": {"message_id": 1, "date": 0, "chat": {"id": 1, "type": "private"}}}
                self.send_response(200)
                self.end_headers()
                self.wfile.write(json.dumps(answer).encode())

            def log_message(self, *_):
                pass

        return Handler

    def _smtp_handler(self):
        mails = self.mails

        class Handler(socketserver.StreamRequestHandler):
            def answer(self, text):
                self.wfile.write(f"{text}\r\n".encode())

            def handle(self):
                self.answer("220 test")
                while line := self.rfile.readline().decode().strip():
                    if line == "DATA":
                        self.answer("354 end with a dot")
                        text = []
                        while (line := self.rfile.readline().decode()) not in (".\r\n", ""):
                            text.append(line)
                        mails.append("".join(text))
                    self.answer("221 bye" if line == "QUIT" else "250 ok")

        return Handler
