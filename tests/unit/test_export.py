"""shared.records: an export has every stored attribute of a person, and nothing of others."""

import json
from datetime import timedelta

import pytest

from shared.leads.desk import note
from shared.leads.identity import reference
from shared.records.export import Export
from shared.records.said import UNTIL_CLOSED, WHILE_HELD
from shared.store.erasures import Erasures
from shared.store.keys import attributes, epoch_seconds
from tests.unit.dynamodb import NAME
from tests.unit.people import CLINIC, NOW
from tests.unit.records import KEY, NURSE, Clinic, found_items, items_about, robin, sam

# Items about all people together. An export has the person's own ids in them.
SHARED_SETS = ("requests", "lead_ids", "bounced")
HOSTILE = "</td><script>alert(1)</script>\u202eevil"


def two_people() -> Clinic:
    clinic = Clinic()
    clinic.store(robin())
    clinic.store(sam())
    clinic.follow_up(robin(), "Robin's note: call after five.")
    clinic.follow_up(sam(), "Sam's note: wants a Monday.")
    ids = (sam().id, robin().id)
    clinic.audit.write(clinic.now, actor=NURSE.id, email=NURSE.email, action="read_list", lead_ids=ids)
    return clinic


def exported(clinic: Clinic, *numbers: int) -> Export:
    return clinic.records.export([robin(number).id for number in numbers or (0,)], clinic.now)


def test_every_stored_attribute_of_the_person_is_in_the_export() -> None:
    """If this fails, a person who asks for their data does not get all of it."""
    clinic = two_people()
    document = exported(clinic).document
    in_export = {(each["pk"], each["sk"]): each for each in found_items(document)}
    digests = {pk for pk, _ in clinic.table.items if pk.startswith(("PERSON#", "CONFIRMED#", "URGENT#"))}
    assert len(digests) > 6
    about = items_about(clinic.table, robin().id, "Robin", "robin@example.com", "+12025550147", robin().fingerprint)
    assert {item["pk"].partition("#")[0] for item in about} == {
        *("LEAD", "PERSON", "CONFIRMED", "CONFIRMATIONS", "URGENT", "REPEATS"),
    }
    for values in about:
        shown = in_export[values["pk"], values["sk"]]
        for name, value in values.items():
            if name in SHARED_SETS:
                assert shown[name] == [each for each in value if robin().id in each]
            elif values["pk"] != "CONFIRMATIONS":  # the rest of that item counts all people together
                assert shown[name] == value


@pytest.mark.parametrize("form", ["as_json", "as_html"])
def test_nothing_of_others_is_in_the_export(form: str) -> None:
    clinic = two_people()
    text = getattr(exported(clinic), form)()
    for mark in (sam().id, sam().reference, "Sam Sample", "sam@example.com", "5550199", "other newspaper", "Monday"):
        assert (mark in text) is (mark == "Sam Sample")  # Robin asked us to ask for Sam Sample
    assert "Robin&#39;s note" in text or "Robin's note" in text


def test_the_export_says_who_has_seen_the_data() -> None:
    document = exported(two_people()).document
    assert [(each["colleague"], each["action"], each["requests"]) for each in document["seen_by"]] == [
        (NURSE.email, "read_list", [robin().reference]),
        (NURSE.email, "read_request", [robin().reference]),
    ]


def test_an_audit_entry_that_names_another_request_does_not_show_it() -> None:
    clinic = two_people()
    details = {"lead": sam().id, "to": NURSE.id}
    clinic.audit.write(
        clinic.now, actor=NURSE.id, email=NURSE.email, action="made_up", lead_ids=(robin().id,), details=details
    )
    assert exported(clinic).document["seen_by"][0]["details"] == {"to": NURSE.id}


def test_the_audit_is_read_once_for_all_requests() -> None:
    clinic = two_people()
    clinic.store(robin(1, received_at=NOW + timedelta(minutes=1)))
    clinic.audited.requests.clear()
    exported(clinic, 0, 1)
    assert len(clinic.audited.requests) == 1


def test_the_audit_is_read_back_to_the_first_request_only() -> None:
    clinic = Clinic()
    for minute in range(600):
        clinic.audit.write(
            NOW - timedelta(days=9, minutes=-minute), actor=NURSE.id, email=NURSE.email, action="read_list"
        )
    clinic.store(robin())
    clinic.audited.requests.clear()
    assert exported(clinic).document["seen_by"] == []
    assert len(clinic.audited.requests) == 1


def test_an_order_to_erase_shows_no_other_request_and_nothing_it_looks_for() -> None:
    clinic = two_people()
    ordered = [stored for lead in (robin(), sam()) if (stored := clinic.leads.read(lead.id))]
    erasures = Erasures(clinic.table.client(), NAME, lambda: clinic.now)
    erasure = erasures.order(ordered, KEY, by=NURSE.id, by_email=NURSE.email)
    shown = [each for each in exported(clinic).document["linked_items"] if each["pk"] == "ERASURES"]
    assert shown == [
        {
            "pk": "ERASURES",
            "sk": erasure.id,
            "lead_ids": [robin().id],
            "state": "ordered",
            "ordered_at": "2026-03-04T16:30:00.000Z",
            "due_at": "2026-03-04T16:30:00.000Z",
        }
    ]


def test_answers_have_the_questions_that_the_person_read() -> None:
    (request,) = exported(two_people()).document["requests"]
    answers = {each["field"]: each for each in request["answers"]}
    assert set(answers) == set(robin().answers)
    assert answers["location"]["words"] == "Downtown, 12 Example Street"
    assert answers["symptoms"] == {
        "field": "symptoms",
        "question": "What are you living with?",
        "answer": ["low_mood", "insomnia"],
        "words": "Low mood, Insomnia",
    }
    assert request["also_sent"] == [{"name": "insurance", "value": "Made-up Mutual <b>"}]


def test_consents_have_the_version_and_the_text_that_the_person_read() -> None:
    clinic = two_people()
    (request,) = exported(clinic).document["requests"]
    contact, texts, news = request["consents"]
    assert contact["text"] == CLINIC.consent_contact.text.for_staff
    assert (texts["version"], texts["text_hash"]) == (CLINIC.consent_texts.version, CLINIC.consent_texts.hash_in("en"))
    assert news["given"]


def test_a_consent_that_was_not_given_is_there_too() -> None:
    clinic = Clinic()
    clinic.store(robin(consents=robin().consents[:1]))
    (request,) = exported(clinic).document["requests"]
    assert [each["given"] for each in request["consents"]] == [True, False, False]


def test_the_history_of_a_consent_says_when_and_how() -> None:
    clinic = two_people()
    clinic.withdraw(robin(), "consent_texts")
    (request,) = exported(clinic).document["requests"]
    withdrawn = {"at": "2026-03-04T16:30:00.000Z", "what": "withdrawn", "how": "phone", "by": NURSE.email}
    assert [each["history"] for each in request["consents"]] == [[], [withdrawn], []]
    assert [each["withdrawn"] for each in request["consents"]] == [False, True, False]
    assert "withdrawn, phone, noted by nurse@example.com" in exported(clinic).as_html()


def test_a_person_who_wants_no_contact_withdrew_all_consents() -> None:
    clinic = two_people()
    clinic.withdraw(robin(), "consent_contact")
    (request,) = exported(clinic).document["requests"]
    assert all(each["given"] and each["withdrawn"] for each in request["consents"])


@pytest.mark.parametrize(
    ("changes", "until"),
    [
        ({}, UNTIL_CLOSED),
        ({"held_at": "2026-03-05T10:00:00.000Z"}, WHILE_HELD),
        ({"expires_at": epoch_seconds(NOW + timedelta(days=30))}, "2026-04-03T15:30:00.000Z"),
    ],
)
def test_the_export_says_until_when_a_request_is_kept(changes: dict[str, object], until: str) -> None:
    clinic = two_people()
    clinic.table.put({**clinic.leads.leads[robin().id], **attributes(changes)})
    (request,) = exported(clinic).document["requests"]
    assert request["kept_until"] == until


@pytest.mark.parametrize("changes", [{"expires_at": epoch_seconds(NOW)}, {"erased_at": "2026-03-05T10:00:00.000Z"}])
def test_what_expired_or_was_erased_is_in_no_export(changes: dict[str, object]) -> None:
    clinic = two_people()
    clinic.table.put({**clinic.leads.leads[robin().id], **attributes(changes)})
    export = exported(clinic)
    assert (export.document["requests"], export.document["linked_items"], export.document["seen_by"]) == ([], [], [])
    assert "Nothing is stored about this person" in export.as_html()


def test_the_recipients_of_emails_are_named_by_their_ids() -> None:
    clinic = two_people()
    progress = {"kind": "alert_accepted", "actor": "system", "recipients": "r-aaa accepted, r-bbb refused"}
    key = {"pk": f"LEAD#{robin().id}", "sk": "EVENT#2026-03-04T15:31:00.000Z#alert_accepted"}
    clinic.table.put(attributes({**key, **progress, "expires_at": epoch_seconds(NOW + timedelta(days=9))}))
    (request,) = exported(clinic).document["requests"]
    assert request["mailboxes"] == ["r-aaa"]


def test_exports_of_single_requests_become_one() -> None:
    clinic = two_people()
    clinic.store(robin(1, received_at=NOW + timedelta(minutes=1)))
    each = [Export.of_json(exported(clinic, number).as_json()) for number in (0, 1)]
    assert Export.merged(each).document == exported(clinic, 0, 1).document


def test_the_json_is_readable_by_people_and_programs() -> None:
    clinic = Clinic()
    clinic.store(robin(name="Zo\u00eb Example"))
    text = exported(clinic).as_json()
    assert "Zo\u00eb Example" in text
    assert json.loads(text) == exported(clinic).document


def test_the_page_shows_hostile_values_as_text() -> None:
    clinic = Clinic()
    clinic.store(robin(name=HOSTILE, message=HOSTILE, page=HOSTILE))
    clinic.follow_up(robin(), HOSTILE)
    page = exported(clinic).as_html()
    assert "<script" not in page
    assert page.count("&lt;script&gt;") > 6


def test_the_page_runs_nothing_and_fetches_nothing() -> None:
    page = exported(two_people()).as_html()
    assert "default-src 'none'" in page
    for word in (' src="', "url(", "@import", "<iframe", "<form"):
        assert word not in page
    assert page.count("href=") == 1  # an empty icon
    assert 'href="data:,"' in page


def test_the_page_says_where_copies_may_be_and_who_handles_the_data() -> None:
    page = exported(two_people()).as_html()
    for words in ("35 days", "suppression list", "Mailboxes of staff", "Amazon Web Services", "RCW 19.373.040"):
        assert words in page
    assert page.count(f"Request {reference(robin().id)}") == 1


def test_times_on_the_page_are_those_of_the_clinic() -> None:
    assert "Received</dt><dd>March 4, 2026, 10:30:00 AM EST" in exported(two_people()).as_html()


def test_a_lead_with_a_long_timeline_is_exported_whole() -> None:
    clinic = two_people()
    for number in range(150):
        clinic.leads.change(robin().id, note(f"Note {number}.", clinic.now, by=NURSE, press=f"press-{number}"))
    (request,) = exported(clinic).document["requests"]
    assert [each["text"] for each in request["timeline"] if "Note " in each.get("text", "")][-1] == "Note 99."
    assert len(request["timeline"]) > 150
