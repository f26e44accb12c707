"""The operator's commands for a person's data: export, erase, list the erasures, and replay them after a restore."""

import json
import os
import stat
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from shared.leads.identity import reference
from shared.records.export import Export
from tests.architecture.templates import ROOT
from tests.unit.people import NOW
from tests.unit.records import Clinic, robin
from tools.operate.invoke import FunctionFailedError, invoking
from tools.operate.people import erase_person, erasures, export_person, replay
from tools.operate.stack import OperateError

HOSTILE = 'robin@example.com\'; touch pwned; $(touch pwned) `touch pwned` "$HOME" $(shell touch pwned)'


def a_request(lead_id: str, *, held: bool = False, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any value
    return {
        "lead_id": lead_id,
        "reference": reference(lead_id),
        "received_at": "2026-03-04T15:30:00.000Z",
        "state": "closed",
        "held": held,
        "name": "Robin Example",
        "matched": "address",
        "address": 1,
    } | changes


@dataclass
class Erase:
    """The function `erase`: it answers as told, and keeps the jobs."""

    answers: Mapping[str, dict[str, Any]]
    jobs: list[dict[str, Any]] = field(default_factory=list)
    exported: Mapping[str, Export] = field(default_factory=dict)

    def __call__(self, job: dict[str, Any]) -> dict[str, Any]:
        self.jobs.append(job)
        if job["job"] == "export" and self.exported:
            (lead_id,) = job["lead_ids"]
            return {"json": self.exported[lead_id].as_json()}
        return self.answers.get(job["job"], {})

    @property
    def ordered(self) -> list[dict[str, Any]]:
        return [job for job in self.jobs if job["job"] == "order"]


FIRST, SECOND = robin(1).id, robin(2).id
TWO: dict[str, dict[str, Any]] = {
    "find": {"requests": [a_request(FIRST), a_request(SECOND)]},
    "order": {"erasure": "E1", "refused": []},
}


def nothing(_line: str) -> None: ...


def erased(erase: Erase, person: str = "robin@example.com", only: str = "", typed: str | None = None) -> str:
    """Run the command at a terminal where somebody types `typed`."""
    return erase_person(erase, person, only, nothing, ask=lambda _: typed or "", yes=typed is None)


def both_exported() -> Erase:
    clinic = Clinic()
    for number in (1, 2):
        clinic.store(robin(number, name=f"Robin Number {number}"))
    made = {robin(number).id: clinic.records.export([robin(number).id], NOW) for number in (1, 2)}
    return Erase(TWO, exported=made)


# ---- export


def test_an_export_is_one_json_and_one_page_of_all_requests(tmp_path: Path) -> None:
    said: list[str] = []
    told = export_person(both_exported(), "robin@example.com", "", tmp_path, said.append, ask=None)
    name = f"person-{reference(FIRST)}"
    assert sorted(each.name for each in tmp_path.iterdir()) == [f"{name}.html", f"{name}.json"]
    document = json.loads((tmp_path / f"{name}.json").read_text(encoding="utf-8"))
    assert {each["id"] for each in document["requests"]} == {FIRST, SECOND}
    page = (tmp_path / f"{name}.html").read_text(encoding="utf-8")
    assert "Robin Number 1" in page
    assert "Robin Number 2" in page
    assert f"{name}.json" in told
    assert said[-2:] == ["1 of 2 requests exported", "2 of 2 requests exported"]


def test_only_the_operator_may_read_the_files(tmp_path: Path) -> None:
    before = tmp_path / f"person-{reference(FIRST)}.json"
    before.write_text("an earlier export", encoding="utf-8")
    before.chmod(0o644)
    export_person(both_exported(), "robin@example.com", "", tmp_path, nothing, ask=None)
    assert {stat.S_IMODE(each.stat().st_mode) for each in tmp_path.iterdir()} == {0o600}


def test_a_folder_that_cannot_be_written_to_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(OperateError, match=r"^The file cannot be written: No such file or directory\.$"):
        export_person(both_exported(), "robin@example.com", "", tmp_path / "missing", nothing, ask=None)


def test_what_is_printed_has_the_names_and_nothing_else_of_the_person(tmp_path: Path) -> None:
    said: list[str] = []
    told = export_person(both_exported(), "robin@example.com", "", tmp_path, said.append, ask=None)
    assert sum("Robin Example" in line for line in said) == 2
    assert "robin" not in " ".join([told, *said]).replace("Robin Example", "").lower()


def test_the_list_tells_people_apart() -> None:
    found = [
        a_request(FIRST, matched="named"),
        a_request(SECOND, name="Robin \x1b[8mSample\u202e", matched="number", address=None, held=True),
    ]
    said: list[str] = []
    erase_person(Erase({**TWO, "find": {"requests": found}}), "x", reference(FIRST), said.append, ask=None, yes=True)
    assert said[1:] == [f"  {reference(FIRST)}  received 2026-03-04, closed, Robin Example, address 1"]
    said.clear()
    with pytest.raises(OperateError, match="legal hold"):
        erase_person(Erase({"find": {"requests": found[1:]}}), "x", "", said.append, ask=None, yes=True)
    assert said[1] == (
        f"  {reference(SECOND)}  received 2026-03-04, closed, Robin ?[8mSample?, no address, only the number matches,"
        " under legal hold"
    )


DIFFERENT: list[dict[str, Any]] = [{"name": "Sam Sample"}, {"address": 2}, {"address": None}]


@pytest.mark.parametrize("changes", DIFFERENT)
@pytest.mark.parametrize("only", ["", " , "])
def test_requests_that_may_be_of_several_people_have_to_be_named(
    changes: dict[str, Any], only: str, tmp_path: Path
) -> None:
    two = {**TWO, "find": {"requests": [a_request(FIRST), a_request(SECOND, **changes)]}}
    named = f"ONLY={reference(FIRST)},{reference(SECOND)}"
    erase = Erase(two)
    with pytest.raises(OperateError, match=named):
        erase_person(erase, "x", only, nothing, ask=lambda _: "YES", yes=True)
    with pytest.raises(OperateError, match=named):
        export_person(erase, "x", only, tmp_path, nothing, ask=None)
    with pytest.raises(OperateError, match=f"Nothing is done.*{named}"):
        export_person(erase, "x", only, tmp_path, nothing, ask=lambda _: "y")
    assert {job["job"] for job in erase.jobs} == {"find"}


def test_all_requests_of_several_people_are_taken_if_somebody_says_so() -> None:
    erase = Erase({**TWO, "find": {"requests": [a_request(FIRST), a_request(SECOND, name="Sam Sample")]}})
    typed = iter(["YES", reference(FIRST)])
    erase_person(erase, "x", "", nothing, ask=lambda _: next(typed), yes=False)
    assert erase.ordered == [{"job": "order", "lead_ids": [FIRST, SECOND]}]


def test_a_name_typed_in_another_way_is_the_same_name() -> None:
    erase = Erase({**TWO, "find": {"requests": [a_request(FIRST), a_request(SECOND, name="ROBIN  example")]}})
    erase_person(erase, "x", "", nothing, ask=None, yes=True)
    assert erase.ordered


def test_a_request_that_is_gone_is_not_called_ordered() -> None:
    told = erased(Erase({**TWO, "order": {"erasure": "E1", "refused": [], "unknown": [SECOND]}}))
    assert f"of {reference(FIRST)}. No longer there: {reference(SECOND)}." in told
    gone = {"erasure": None, "refused": [], "unknown": [FIRST, SECOND]}
    with pytest.raises(OperateError, match=f"No longer there: {reference(FIRST)}, {reference(SECOND)}"):
        erased(Erase({**TWO, "order": gone}))


def test_an_export_may_leave_requests_out(tmp_path: Path) -> None:
    erase = both_exported()
    export_person(erase, "robin@example.com", reference(SECOND), tmp_path, nothing, ask=None)
    assert [job["lead_ids"] for job in erase.jobs if job["job"] == "export"] == [[SECOND]]


# ---- erase


@pytest.mark.parametrize("typed", [None, reference(FIRST), f" {reference(FIRST).lower()} "])
def test_all_requests_are_erased_after_the_reference_is_typed(typed: str | None) -> None:
    erase = Erase(TWO)
    told = erased(erase, typed=typed)
    assert erase.ordered == [{"job": "order", "lead_ids": [FIRST, SECOND]}]
    for words in ("E1", reference(FIRST), reference(SECOND), "six hours", "mailbox", "35 days"):
        assert words in told


@pytest.mark.parametrize("typed", ["", "yes", reference(SECOND)])
def test_nothing_is_erased_without_the_right_reference(typed: str) -> None:
    erase = Erase(TWO)
    with pytest.raises(OperateError, match="Nothing is erased"):
        erase_person(erase, "x@example.com", "", nothing, ask=lambda _: typed, yes=False)
    assert not erase.ordered


def test_the_end_of_the_input_erases_nothing() -> None:
    def ask(_question: str) -> str:
        raise EOFError

    erase = Erase(TWO)
    with pytest.raises(OperateError, match="Nothing is erased"):
        erase_person(erase, "x@example.com", "", nothing, ask=ask, yes=False)
    assert not erase.ordered


@pytest.mark.parametrize("name", ["Robin Example", "Sam Sample"])
def test_a_stop_at_a_question_ends_in_words_and_erases_nothing(name: str) -> None:
    def ask(_question: str) -> str:
        raise KeyboardInterrupt

    erase = Erase({"find": {"requests": [a_request(FIRST), a_request(SECOND, name=name)]}})
    with pytest.raises(OperateError, match=r"^Stopped\. Nothing is done\.$"):
        erase_person(erase, "x@example.com", "", nothing, ask=ask, yes=False)
    assert not erase.ordered


def test_without_a_terminal_it_needs_a_yes() -> None:
    erase = Erase(TWO)
    with pytest.raises(OperateError, match="YES=1"):
        erase_person(erase, "x@example.com", "", nothing, ask=None, yes=False)
    assert not erase.ordered


def test_requests_under_legal_hold_stay() -> None:
    held = {"requests": [a_request(FIRST, held=True), a_request(SECOND)]}
    erase = Erase({**TWO, "find": held})
    assert "Those under legal hold stay" in erased(erase)
    assert erase.ordered == [{"job": "order", "lead_ids": [SECOND]}]


def test_nothing_is_ordered_if_all_are_under_legal_hold() -> None:
    erase = Erase({"find": {"requests": [a_request(FIRST, held=True)]}})
    with pytest.raises(OperateError, match="All of them are under legal hold"):
        erased(erase)
    assert not erase.ordered


def test_a_hold_that_came_meanwhile_is_told() -> None:
    erase = Erase({**TWO, "order": {"erasure": None, "refused": [reference(FIRST)]}})
    with pytest.raises(OperateError, match=f"Nothing is erased: {reference(FIRST)}"):
        erased(erase)


def test_only_the_named_requests_are_erased() -> None:
    erase = Erase(TWO)
    erased(erase, only=reference(SECOND).lower())
    assert erase.ordered == [{"job": "order", "lead_ids": [SECOND]}]


def test_a_named_request_that_was_not_found_erases_nothing() -> None:
    erase = Erase(TWO)
    with pytest.raises(OperateError, match="ONLY names KC-0000-0000"):
        erased(erase, only=f"KC-0000-0000, {reference(FIRST)}")
    assert not erase.ordered


@pytest.mark.parametrize("person", ["", "  "])
def test_a_command_without_a_person_says_how_to_name_one(person: str) -> None:
    with pytest.raises(OperateError, match="make erase-person PERSON="):
        erased(Erase(TWO), person)


def test_requests_that_cannot_be_read_are_told_and_the_others_are_erased() -> None:
    said: list[str] = []
    erase = Erase(TWO | {"find": {"requests": [a_request(FIRST)], "unread": [SECOND]}})
    erase_person(erase, "robin@example.com", "", said.append, ask=None, yes=True)
    assert SECOND in said[0]
    assert "They stay stored" in said[0]
    assert [job["lead_ids"] for job in erase.ordered] == [[FIRST]]


def test_somebody_who_is_not_found_is_told() -> None:
    with pytest.raises(OperateError, match=r"Found no request.*with its code: PERSON="):
        erased(Erase({"find": {"requests": []}}))


# ---- erasures and replay


def test_the_list_of_erasures_has_state_proof_and_references() -> None:
    report = {
        "erasure": "20260304T153000000Z-0a1b",
        "state": "looking_again",
        "references": ["KC-AAAA-BBBB"],
        "lead_ids": [FIRST],
        "ordered_at": "2026-03-04T15:30:00+00:00",
        "ordered_by": "operator",
        "due_at": "2026-03-04T21:31:00+00:00",
        "erased_at": "2026-03-04T15:31:00+00:00",
        "proven_at": None,
        "backups_end_at": "2026-04-08T15:31:00+00:00",
        "held": [],
        "problems": [],
        "found_elsewhere": 2,
    }
    assert erasures(Erase({"erasures": {"erasures": [report]}})).splitlines() == [
        "20260304T153000000Z-0a1b  looking again",
        "  ordered:                 2026-03-04T15:30:00+00:00 by operator",
        "  erased:                  2026-03-04T15:31:00+00:00",
        "  next look:               2026-03-04T21:31:00+00:00",
        "  last backup ends:        2026-04-08T15:31:00+00:00",
        "  items of other requests: 2",
        "  search mailboxes for:    KC-AAAA-BBBB",
    ]


def test_no_erasure_is_told() -> None:
    assert erasures(Erase({"erasures": {"erasures": []}})) == "Nobody has ordered an erasure."


def test_a_replay_says_what_came_back() -> None:
    counts = {"tombstones": 5, "ordered": 2, "held": 1, "failed": 0}
    assert replay(Erase({"replay": counts})).startswith("5 erased requests looked at. 2 were back")
    with pytest.raises(OperateError, match="1 could not be read"):
        replay(Erase({"replay": {**counts, "failed": 1}}))


@pytest.mark.parametrize("command", [erasures, replay, erased])
def test_a_function_of_an_older_version_is_told(command: Any) -> None:  # noqa: ANN401 - any of the commands
    with pytest.raises(OperateError, match="Deploy this version first"):
        command(Erase({}))


@pytest.mark.parametrize("command", [erasures, replay, erased])
def test_a_function_that_fails_is_told(command: Any) -> None:  # noqa: ANN401 - any of the commands
    def run(_job: dict[str, Any]) -> dict[str, Any]:
        raise FunctionFailedError

    with pytest.raises(OperateError, match="log of EraseFunction"):
        command(run)


# ---- how the commands get there


def test_a_job_is_sent_to_the_function_and_its_answer_is_read() -> None:
    def invoke(*, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803 - as boto3 calls them
        assert FunctionName == "leads-erase"
        return {"Payload": BytesIO(json.dumps({"got": json.loads(Payload)}).encode())}

    run = invoking(cast("Any", SimpleNamespace(invoke=invoke)), "leads-erase")
    assert run({"job": "find", "person": HOSTILE}) == {"got": {"job": "find", "person": HOSTILE}}


def test_an_error_of_the_function_is_raised() -> None:
    answer = {"FunctionError": "Unhandled", "Payload": BytesIO(b"{}")}
    with pytest.raises(FunctionFailedError):
        invoking(cast("Any", SimpleNamespace(invoke=lambda **_: answer)), "leads-erase")({})


@pytest.mark.parametrize(("code", "raised"), [("ResourceNotFoundException", OperateError), ("Throttled", ClientError)])
def test_a_stack_without_the_function_is_told(code: str, raised: type[Exception]) -> None:
    def invoke(**_: object) -> None:
        raise ClientError({"Error": {"Code": code}}, "Invoke")

    with pytest.raises(raised):
        invoking(cast("Any", SimpleNamespace(invoke=invoke)), "leads-erase")({})


@pytest.mark.parametrize("how", ["argument", "environment"])
def test_make_takes_a_person_as_it_was_typed(how: str, tmp_path: Path) -> None:
    """If this fails, what somebody copies from an email may run a command on the operator's machine."""
    show = tmp_path / "show"
    show.write_text('#!/bin/sh\nprintf "%s" "$PERSON" >shown\n', encoding="utf-8")
    show.chmod(0o755)
    arguments = [f"PERSON={HOSTILE}"] if how == "argument" else []
    environment = {"PATH": os.environ["PATH"], **({} if arguments else {"PERSON": HOSTILE})}
    subprocess.run(
        ["make", "--no-print-directory", "-f", ROOT / "Makefile", "export-person", f"RUN={show}", *arguments],
        cwd=tmp_path,
        env=environment,
        check=True,
        capture_output=True,
    )
    assert (tmp_path / "shown").read_text(encoding="utf-8") == HOSTILE
    assert sorted(each.name for each in tmp_path.iterdir()) == ["show", "shown"]
