"""Nothing a visitor typed is in a log line or a metric, whatever happens to their request."""

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.store.intake import StorageError
from submit.http import Request
from tests.unit.erased import erased_table
from tests.unit.fakes import MemoryLeads
from tests.unit.output import everything_printed
from tests.unit.people import SUBMISSION_ID
from tests.unit.web import api, post_form, post_json, request
from tests.unit.words import CANARY

WITH_CANARY: dict[str, object] = {
    "name": CANARY,
    "email": f"{CANARY}@example.com",
    "phone": "(202) 555-0199",
    "message": f"My secret is {CANARY}.",
    "consent_contact": "on",
    "submission_id": SUBMISSION_ID,
}
TYPED = (CANARY, "5550199", "555-0199")


def printed_for(sent: Request, table: MemoryLeads | None = None) -> str:
    with everything_printed() as output:
        api(table).answer(sent)
    lines = output.getvalue().splitlines()
    assert lines, "nothing was printed, so this test checked nothing"
    assert all(isinstance(json.loads(line), dict) for line in lines)
    return output.getvalue()


def broken(error: Exception) -> MemoryLeads:
    table = MemoryLeads()
    table.faults.before["put"].append(error)
    return table


def taken() -> MemoryLeads:
    table = MemoryLeads()
    api(table).answer(post_json(WITH_CANARY | {"name": "Robin Example"}))
    return table


@pytest.mark.parametrize("post", [post_json, post_form])
@pytest.mark.parametrize(
    ("changes", "table"),
    [
        pytest.param({}, MemoryLeads, id="stored"),
        pytest.param({}, taken, id="conflict"),
        pytest.param({}, lambda: erased_table(made_from=taken()), id="erased"),
        pytest.param({"email": CANARY, "phone": CANARY, "best_time": CANARY}, MemoryLeads, id="invalid"),
        pytest.param({"preferred_contact": CANARY, "consent_contact": CANARY}, MemoryLeads, id="choices"),
        pytest.param({"name": CANARY * 100, "message": CANARY * 1000}, MemoryLeads, id="too long"),
        pytest.param({"submission_id": CANARY, CANARY: CANARY}, MemoryLeads, id="id and unknown field"),
        pytest.param(
            {"patient_is_adult": "yes", "interest": CANARY, "in_crisis": CANARY}, MemoryLeads, id="kept as said"
        ),
        pytest.param({"form": "reply", f"{CANARY}[]": [CANARY, "x"]}, MemoryLeads, id="a short form"),
        pytest.param({"in_crisis": "yes", "consent_contact": None, "email": CANARY}, MemoryLeads, id="in crisis"),
        pytest.param({"phone": None, "email": f"{CANARY}@gmail.{'con'}"}, MemoryLeads, id="mistyped"),
        pytest.param({}, lambda: broken(StorageError(nothing_stored=True)), id="not stored"),
        pytest.param({}, lambda: broken(StorageError(nothing_stored=False)), id="perhaps stored"),
        pytest.param({}, lambda: broken(RuntimeError(f"cannot write {CANARY}")), id="unforeseen"),
    ],
)
def test_no_outcome_prints_what_was_typed(
    post: Callable[[dict[str, object]], Request], changes: dict[str, object], table: Callable[[], MemoryLeads]
) -> None:
    printed = printed_for(post(WITH_CANARY | changes), table())
    assert [typed for typed in TYPED if typed in printed] == []


@pytest.mark.parametrize(
    "sent",
    [
        post_json(f'{{"{CANARY}": "{CANARY}'.encode()),
        post_form(f"{CANARY}=1&{CANARY}=2".encode()),
        request(headers={"content-type": CANARY}, body=CANARY.encode()),
        request(headers={"content-type": "text/plain"}, body=f"{CANARY}={CANARY}\n{CANARY}".encode()),
        post_json(CANARY.encode() * 7_000),
    ],
)
def test_no_unreadable_body_is_printed(sent: Request) -> None:
    assert CANARY not in printed_for(sent)


@given(
    values=st.dictionaries(
        st.sampled_from([*WITH_CANARY, "x"]),
        st.sampled_from([CANARY, f"{CANARY}@example.com", f"\x00{CANARY}\u202e", f"=cmd|{CANARY}", f"{CANARY}\ud800"]),
        min_size=1,
    )
)
def test_no_field_is_ever_printed(values: dict[str, object]) -> None:
    assert CANARY not in printed_for(post_json(WITH_CANARY | values))
