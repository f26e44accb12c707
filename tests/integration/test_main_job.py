from functools import partial

from tests.deployed import Deployed, eventually, submission


def test_a_json_and_a_form_request_are_stored_and_alerted_once_however_often_they_are_sent(deployed: Deployed) -> None:
    before = len(deployed.items())
    as_json = submission(name="Jo Example")
    as_form = {"name": "Fay Example", "phone": "202-555-0162", "best_time": "any", "consent_contact": "on"}

    json_answer = deployed.post_json(as_json)
    form_answer = deployed.post_form(as_form)

    assert json_answer.status == 201
    assert form_answer.status == 303
    references = [json_answer.document["reference"], form_answer.headers["location"].partition("reference=")[2]]
    for reference, name in zip(references, ("Jo Example", "Fay Example"), strict=True):
        (mail,) = eventually(partial(deployed.mails, reference), within=20)
        assert name in mail["BodyText"]
        assert name in mail["BodyHtml"]
        assert mail["To"] == ["frontdesk@clinic.example.com", "nurse@clinic.example.com"]
        accepted = eventually(
            partial(deployed.lead, reference),
            within=10,
            wanted=lambda lead: lead["alert_state"] == {"S": "accepted"},
        )
        assert accepted["alert_state"] == {"S": "accepted"}
        assert "agenda_at" not in accepted
        assert "agenda_shard" not in accepted
        assert deployed.timeline(reference) == ["received", "alert_accepted"]
    stored = len(deployed.items())
    assert stored == before + 2 + 4  # two leads, each with two timeline entries

    again = [deployed.post_json(as_json), deployed.post_form(as_form)]
    deployed.sweep()

    assert again[0].status == 201
    assert again[0].document == json_answer.document
    assert again[1].status == 303
    assert again[1].headers["location"] == form_answer.headers["location"]
    assert len(deployed.items()) == stored
    assert [len(deployed.mails(reference)) for reference in references] == [1, 1]


def test_the_thank_you_page_follows_a_form_post(deployed: Deployed) -> None:
    answer = deployed.post_form({"name": "Kit Example", "phone": "202-555-0163", "consent_contact": "yes"})

    page = deployed.request("GET", "/" + answer.headers["location"])

    assert page.status == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["location"].partition("reference=")[2] in page.body
    assert "988" in page.body


def test_the_same_submission_id_with_other_content_is_refused_and_shows_nothing_of_the_first(
    deployed: Deployed,
) -> None:
    first = submission(name="Ash Example", message="the first person's words")
    answer = deployed.post_json(first)
    stored = deployed.lead(answer.document["reference"])

    other = deployed.post_json(submission(name="Lee Example", submission_id=first["submission_id"]))

    assert other.status == 409
    assert other.headers["content-type"] == "application/problem+json"
    assert "Ash" not in other.body
    assert "first person" not in other.body
    assert answer.document["reference"] not in other.body
    assert deployed.lead(answer.document["reference"])["fingerprint"] == stored["fingerprint"]
    assert deployed.lead(answer.document["reference"])["name"] == {"S": "Ash Example"}


def test_a_request_that_needs_mending_says_every_field_and_stores_nothing(deployed: Deployed) -> None:
    before = len(deployed.items())

    as_json = deployed.post_json({"email": "not an address", "best_time": "midnight"})
    as_form = deployed.post_form({"name": "Uma Example", "phone": "12"})

    assert as_json.status == 422
    assert as_json.headers["content-type"] == "application/problem+json"
    assert [entry["field"] for entry in as_json.document["errors"]] == ["name", "email", "best_time", "consent_contact"]
    assert as_form.status == 422
    assert "<li>" in as_form.body
    assert "Phone" in as_form.body
    assert len(deployed.items()) == before


def test_scripts_of_the_listed_origins_may_read_answers_and_no_others(deployed: Deployed, site_port: int) -> None:
    site = f"http://127.0.0.1:{site_port}"
    for origin, allowed in {
        site: site,
        "https://www.example.com": "https://www.example.com",
        "https://example.com": None,
        "https://www.example.com.evil.example": None,
        "null": None,
    }.items():
        preflight = deployed.request("OPTIONS", "/consultations", headers={"Origin": origin})
        answer = deployed.post_json({}, Origin=origin)
        assert preflight.status == 204
        assert preflight.headers.get("access-control-allow-origin") == allowed
        assert ("access-control-allow-methods" in preflight.headers) == bool(allowed)
        assert answer.headers.get("access-control-allow-origin") == allowed
        assert answer.headers["vary"] == "Origin"
