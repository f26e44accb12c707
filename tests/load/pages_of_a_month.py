"""A DynamoDB that answers each query with the next page of made-up rows of the report. Run it as a process of its own.

It prints its port. The pages have up to 1 MB of entries, as AWS documents, counted as tests/unit/dynamodb.py does.
"""

import itertools
import json
import random
import sys
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, Final

from shared.leads.progress import Progress, StoredLead
from shared.leads.response import ClaimAction, Outcome, ResponseState
from shared.store.intake import new_lead_item
from shared.store.keys import attributes, timestamp
from shared.store.progress_item import progress_attributes
from tests.unit.dynamodb import indexes, size_of
from tests.unit.people import NOW, a_lead, but

PAGE: Final = 1024 * 1024


def entries(count: int) -> Iterator[dict[str, Any]]:
    """Yield the entries of closed requests in the index `report`, whose rows are as long as they usually get."""
    kinds = itertools.cycle(list(_kinds(500)))
    for number, kind in zip(range(count), kinds, strict=False):
        moment = NOW + timedelta(seconds=20 * number % 2_000_000)
        yield kind | {"pk": {"S": f"LEAD#{number:026}"}, "received_at": {"S": timestamp(moment)}}


def _kinds(count: int) -> Iterator[dict[str, Any]]:
    some, dice = a_lead(), random.Random(1)  # noqa: S311 - the same numbers each time
    for _ in range(count):
        lead = but(
            some,
            utm_source=dice.choice(["newsletter", "search engine", "a magazine for patients"]),
            utm_campaign=f"campaign number {dice.randrange(30)}",
        )
        progress = Progress(
            response=ResponseState.CLOSED,
            action=ClaimAction.REACHED,
            claimed_at=lead.received_at + timedelta(minutes=dice.randrange(600)),
            closed_at=lead.received_at + timedelta(days=1),
            outcome=dice.choice(list(Outcome)),
        )
        stored = StoredLead(lead=lead, progress=progress)
        item: Any = new_lead_item(lead) | attributes(progress_attributes(stored) | {"expires_at": 1_900_000_000})
        entry = indexes()["report"].entry(item)
        assert entry is not None
        yield entry


def pages(count: int) -> tuple[list[bytes], int]:
    """Return the answers of DynamoDB for all entries, without what the projection leaves out, and their size."""
    found, page, size, total = list[bytes](), list[dict[str, Any]](), 0, 0
    for entry in entries(count):
        own = size_of(entry)
        if size + own > PAGE:
            found.append(_answer(page, more=True))
            page, size = [], 0
        page.append({name: value for name, value in entry.items() if name != "report_month"})
        size, total = size + own, total + own
    return [*found, _answer(page, more=False)], total


def _answer(page: list[dict[str, Any]], *, more: bool) -> bytes:
    last = {"LastEvaluatedKey": {name: page[-1][name] for name in ("pk", "sk")}} if more else {}
    return json.dumps({"Items": page, "Count": len(page), "ScannedCount": len(page), **last}).encode()


def serve(count: int) -> None:
    """Answer each query. The first partition has all entries, and the others have none."""
    answers, total = pages(count)
    following = itertools.chain(answers, itertools.repeat(_answer([], more=False)))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            body = next(following)
            self.send_response(200)
            self.send_header("Content-Type", "application/x-amz-json-1.0")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_port, total, len(answers), flush=True)  # noqa: T201 - for the test that started this
    server.serve_forever()


if __name__ == "__main__":
    serve(int(sys.argv[1]))
