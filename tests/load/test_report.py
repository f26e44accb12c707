"""The report of a month with 100,000 requests: its processor time, and the read units that AWS charges."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import pytest

from shared.leads.month import Month
from shared.leads.report import report
from shared.services import clients
from shared.store.report_index import ReportIndex
from shared.web.report_words import parts
from tests.architecture.templates import ROOT
from tests.unit.dynamodb import NAME
from tests.unit.people import CLINIC, NOW

REQUESTS: Final = 100_000
MOST_SECONDS: Final = 3.0
# The read units that docs/operations/report.md names: half a unit for each 4 KB of a page.
MOST_UNITS: Final = 3_000
MARCH: Final = Month(2026, 3)


@dataclass(frozen=True)
class Table:
    url: str
    size: int  # of all entries, in bytes
    pages: int


@pytest.fixture
def table() -> Iterator[Table]:
    command = [sys.executable, "-m", "tests.load.pages_of_a_month", str(REQUESTS)]
    path = {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=os.environ | path) as server:
        assert server.stdout is not None
        with closing(server.stdout):
            port, size, pages = map(int, server.stdout.readline().split())
            yield Table(f"http://127.0.0.1:{port}", size, pages)
            server.terminate()


def test_a_month_of_100_000_requests_takes_three_seconds(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = {"AWS_ENDPOINT_URL_DYNAMODB": table.url, "AWS_DEFAULT_REGION": "us-east-1"}
    made_up = {"AWS_ACCESS_KEY_ID": "made-up", "AWS_SECRET_ACCESS_KEY": "made-up"}
    for name, value in (settings | made_up).items():
        monkeypatch.setenv(name, value)
    clients.dynamodb_in_bulk.cache_clear()
    zone, now = CLINIC.hours.zone, NOW + timedelta(days=40)
    index = ReportIndex(clients.dynamodb_in_bulk, NAME, lambda: now)
    began = time.process_time()
    found = report(index.rows(MARCH, zone, []), MARCH, CLINIC, now)
    assert parts(found, CLINIC)
    took = time.process_time() - began
    clients.dynamodb_in_bulk.cache_clear()
    units = table.size / 8192
    said = f"{took:.2f} s of processor time, {units:,.0f} read units in {table.pages} pages"
    assert found.requests + found.duplicates == REQUESTS
    assert took < MOST_SECONDS, said
    assert units < MOST_UNITS, said
