"""A stand-in for Cloudflare's siteverify on a loopback port. It records requests and returns prepared responses."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SUCCESS = b'{"success": true, "challenge_ts": "2026-03-04T15:30:00Z", "hostname": "www.example.com", "error-codes": []}'


def failure(*codes: str) -> bytes:
    """Return Cloudflare's response for an invalid token."""
    return json.dumps({"success": False, "error-codes": codes}).encode()


@dataclass(slots=True)
class Siteverify:
    """The prepared responses: each of `answers` in turn, then the last one again and again.

    For an answer of None, the server hangs up without a response.
    """

    url: str
    answers: list[tuple[int, bytes] | None] = field(default_factory=lambda: [(200, SUCCESS)])
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[Any] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)


@contextmanager
def siteverify() -> Iterator[Siteverify]:
    """Run the stand-in and yield its `Siteverify`."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            service.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            answer = service.answers.pop(0) if len(service.answers) > 1 else service.answers[0]
            if answer is None:
                service.over.wait(10)
                self.close_connection = True
                return
            status, body = answer
            self.send_response(status)
            self.send_header("Content-Type", service.content_type)
            self.send_header("Content-Length", str(len(body)))
            for name, value in service.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            """Log nothing."""

        def handle(self) -> None:
            try:
                super().handle()
            except ConnectionError:
                return  # the client hung up

    class Server(ThreadingHTTPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        service = Siteverify(f"http://127.0.0.1:{server.server_address[1]}/siteverify")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield service
        finally:
            service.over.set()
            server.shutdown()
            thread.join()
