from functools import partial

from tests.deployed import Deployed, eventually, plain_form, reference_in, submission


def test_json_and_form_requests_sent_twice_are_stored_and_alerted_once(deployed: Deployed) -> None:
    earlier = [lead["pk"] for lead in deployed.leads()]

    def entries() -> int:  # of any request but the earlier ones, whose reminders may be due meanwhile
        return sum(item["pk"] not in earlier for item in deployed.entries())

    as_json = submission(name="Jo Example")
    as_form = plain_form()

    json_answer = deployed.post_json(as_json)
    form_answer = deployed.post_form(as_form)

    assert json_answer.status == 201
    assert form_answer.status == 303
    references = [json_answer.document["reference"], reference_in(form_answer)]
    for reference, name in zip(references, ("Jo Example", "Fay Example"), strict=True):
        mail = deployed.the_alert(reference)
        assert name in mail["BodyText"]
        assert name in mail["BodyHtml"]
        accepted = eventually(
            partial(deployed.lead, reference),
            within=10,
            wanted=lambda lead: lead["alert_state"] == {"S": "accepted"},
        )
        assert accepted["alert_state"] == {"S": "accepted"}
        assert accepted["alert_notice"] == {"S": "reminder"}  # due next, if nobody claims the request
        assert deployed.timeline(reference) == ["alert_accepted"]
    assert len(deployed.leads()) == len(earlier) + 2
    stored = entries()

    again = [deployed.post_json(as_json), deployed.post_form(as_form)]
    deployed.sweep()

    assert again[0].status == 201
    assert again[0].document == json_answer.document
    assert again[1].status == 303
    assert again[1].headers["location"] == form_answer.headers["location"]
    assert entries() == stored
    for reference in references:
        deployed.the_alert(reference)


def test_the_thank_you_page_follows_a_form_post(deployed: Deployed) -> None:
    answer = deployed.post_form(plain_form(name="Kit Example"))

    page = deployed.request("GET", "/" + answer.headers["location"])

    assert page.status == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert reference_in(answer) in page.body
    assert "988" in page.body


def test_a_submission_id_with_other_content_is_refused_and_reveals_nothing(
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


def test_a_request_that_has_to_change_is_told_every_field_and_not_stored(deployed: Deployed) -> None:
    before = len(deployed.leads())

    as_json = deployed.post_json({"email": "not an address", "best_time": "midnight"})
    as_form = deployed.post_form({"name": "Uma Example", "phone": "12"})

    assert as_json.status == 422
    assert as_json.headers["content-type"] == "application/problem+json"
    assert [entry["field"] for entry in as_json.document["errors"]] == [
        "name",
        "patient_is_adult",
        "email",
        "consent_contact",
    ]
    assert as_form.status == 422
    assert "look like a phone number we can call" in as_form.body
    assert 'value="Uma Example"' in as_form.body
    assert len(deployed.leads()) == before
