"""Each kind of item has a place in a restore. A new kind fails here, with the file to edit."""

import pytest

from tests.architecture.templates import ROOT
from tests.unit.restoring import Rehearsal, kind
from tests.unit.test_privacy_doc import _ITEM
from tools.operate.restore.kinds import IN_A_LEAD, PARTITIONS, Kind, kind_of

EDIT = "edit tools/operate/restore/kinds.py: say whether a restore brings it back"


def test_each_kind_of_the_table_has_a_place() -> None:
    comments = (ROOT / "infra/data.yaml").read_text("utf-8").partition("# Table.")[2].partition("\n  Table:")[0]
    listed = {partition or sort_key for partition, sort_key in _ITEM.findall(comments)}
    assert listed - {"LEAD#"} == {*PARTITIONS} | {*IN_A_LEAD} - {"LEAD"}, EDIT


def test_each_item_of_a_stack_is_of_a_known_kind() -> None:
    kinds = {kind(item) for item in Rehearsal().items.values()}
    assert kinds == {*Kind} - {Kind.UNKNOWN}


@pytest.mark.parametrize(
    ("pk", "sk"), [("NEW#1", "NEW"), ("LEAD#1", "NEW"), ("LEADS", "LEAD"), ("PERSON", "2026-03-04"), ("", "")]
)
def test_anything_else_is_unknown(pk: str, sk: str) -> None:
    assert kind_of({"pk": {"S": pk}, "sk": {"S": sk}}) is Kind.UNKNOWN


def test_an_item_of_an_old_version_about_a_person_stays_away() -> None:
    """`make backfill` makes the new ones, which have no traces of other leads."""
    assert kind_of({"pk": {"S": "PERSON#1"}, "sk": {"S": "PERSON"}, "requests": {"SS": ["a"]}}) is Kind.PASSING
