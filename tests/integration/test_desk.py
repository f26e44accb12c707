"""The deployed desk lets in only people with a role, takes only its own forms, and keeps one chain of the audit."""

import json
import re
import urllib.parse
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from shared.leads.audit_chain import verify
from shared.store.audit import Audit
from tests.deployed import Deployed, submission
from tests.desk import MANAGER, NURSE, a_client, later, made_up_sign_in, request_page
from tools.local.deployment import session
from tools.local.desk_client import DeskClient

_FORM = "application/x-www-form-urlencoded"


def new_request(deployed: Deployed, **changes: object) -> tuple[str, str]:
    """Post the request of another person. Return its reference and the lead's id once staff have the alert."""
    reference = str(deployed.post_json(submission(**changes)).document["reference"])
    deployed.the_alert(reference)
    return reference, str(deployed.lead(reference)["pk"]["S"]).removeprefix("LEAD#")


def test_signed_out_a_link_leads_to_sign_in_and_back(deployed: Deployed) -> None:
    reference, lead_id = new_request(deployed)
    client = DeskClient(deployed.stack.desk.url)
    asked = client.open(f"{client.desk}/requests/{lead_id}")
    assert urllib.parse.urlsplit(asked.url).path == "/oauth2/authorize"
    assert reference not in asked.body
    page = client.send(asked, "/login", username=NURSE.email, password=NURSE.password)
    assert page.status == 200
    assert page.url == f"{client.desk}/requests/{lead_id}"
    assert reference in page.text


def test_a_wrong_password_leads_nowhere(deployed: Deployed) -> None:
    client = DeskClient(deployed.stack.desk.url)
    page = client.sign_in(NURSE.email, "not-the-password-1A")
    assert not page.url.startswith(client.desk)
    assert "__Host-desk" not in client.cookies


def test_a_made_up_code_is_refused(deployed: Deployed) -> None:
    assert made_up_sign_in(deployed).status == 403


def test_a_callback_works_once_and_only_in_its_browser(deployed: Deployed) -> None:
    client = DeskClient(deployed.stack.desk.url)
    asked = client.open(client.desk)
    form = asked.form("/login")
    fields = {**dict(form.form_values()), "username": NURSE.email, "password": NURSE.password}
    sent = urllib.parse.urlencode(fields).encode()
    address = urllib.parse.urljoin(asked.url, form.action)
    callback = client.once("POST", address, sent, {"Content-Type": _FORM}).headers["location"]

    stranger = DeskClient(deployed.stack.desk.url)
    assert stranger.once("GET", callback).status == 400
    assert "__Host-desk" not in stranger.cookies
    assert client.once("GET", callback).status == 303, "the stranger's try costs the person nothing"
    assert client.once("GET", callback).status == 400


def test_a_stranger_cannot_fix_the_session(deployed: Deployed) -> None:
    client = DeskClient(deployed.stack.desk.url, cookies={"__Host-desk": "A" * 43})
    page = client.sign_in(NURSE.email, NURSE.password)
    assert page.status == 200
    assert client.cookies["__Host-desk"] != "A" * 43


@pytest.mark.parametrize("token", ["", "A" * 43, "../../etc/passwd", "%00", "x" * 5_000])
def test_a_made_up_cookie_is_nobody(deployed: Deployed, token: str) -> None:
    client = DeskClient(deployed.stack.desk.url, cookies={"__Host-desk": token})
    assert client.once("GET", client.desk).status == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_form_of_another_site_changes_nothing(deployed: Deployed, headers: dict[str, str]) -> None:
    reference, lead_id = new_request(deployed)
    nurse = a_client(deployed)
    page = request_page(nurse, lead_id)
    form = page.form("/claim")
    answer = nurse.post(f"{page.url}/claim", dict(form.form_values()), came_from=page.url, **headers)
    assert answer.status == 403
    assert deployed.lead(reference)["response"] == {"S": "open"}


@pytest.mark.parametrize("csrf", [None, "", "A" * 32, "another session's"])
def test_a_wrong_token_changes_nothing(deployed: Deployed, csrf: str | None) -> None:
    reference, lead_id = new_request(deployed)
    nurse = a_client(deployed)
    page = request_page(nurse, lead_id)
    fields = dict(page.form("/claim").form_values())
    if csrf == "another session's":
        other = request_page(a_client(deployed), lead_id)
        csrf = str(dict(other.form("/claim").form_values())["csrf"])
        assert csrf != fields["csrf"]
    fields = {name: value for name, value in fields.items() if name != "csrf"} | (
        {} if csrf is None else {"csrf": csrf}
    )
    assert nurse.post(f"{page.url}/claim", fields, came_from=page.url).status == 403
    assert deployed.lead(reference)["response"] == {"S": "open"}


@pytest.mark.parametrize(
    ("by", "moments"),
    [(timedelta(minutes=16), ("seen_at",)), (timedelta(hours=8, minutes=1), ("signed_in_at",))],
    ids=["idle", "eight hours"],
)
def test_a_session_ends(deployed: Deployed, by: timedelta, moments: tuple[str, ...]) -> None:
    nurse = a_client(deployed)
    assert nurse.once("GET", nurse.desk).status == 200
    later(deployed, by, *moments)
    assert nurse.once("GET", nurse.desk).status == 303


def test_a_removed_account_is_out_within_five_minutes(deployed: Deployed) -> None:
    pool = session().client("cognito-idp", endpoint_url=deployed.aws)
    email, password = f"temp-{uuid.uuid4().hex[:8]}@clinic.example.com", "Only-on-this-machine-1"
    where = {"UserPoolId": deployed.stack.desk.user_pool, "Username": email}
    pool.admin_create_user(UserPoolId=where["UserPoolId"], Username=email, MessageAction="SUPPRESS")
    pool.admin_set_user_password(UserPoolId=where["UserPoolId"], Username=email, Password=password, Permanent=True)
    no_role = DeskClient(deployed.stack.desk.url)
    assert no_role.sign_in(email, password).status == 403

    pool.admin_add_user_to_group(**where, GroupName="staff")
    client = DeskClient(deployed.stack.desk.url)
    assert client.sign_in(email, password).status == 200
    pool.admin_disable_user(**where)
    later(deployed, timedelta(minutes=6), "checked_at")
    assert client.once("GET", client.desk).status == 303
    pool.admin_delete_user(**where)


def test_only_managers_see_the_audit(deployed: Deployed) -> None:
    nurse, manager = a_client(deployed), a_client(deployed, MANAGER)
    assert nurse.open(f"{nurse.desk}/audit").status == 403
    assert manager.open(f"{manager.desk}/audit").status == 200


def test_after_sign_out_the_session_is_gone(deployed: Deployed) -> None:
    nurse = a_client(deployed)
    kept = dict(nurse.cookies)
    nurse.send(nurse.open(nurse.desk), "/sign-out")
    thief = DeskClient(deployed.stack.desk.url, cookies=kept)
    assert thief.once("GET", thief.desk).status == 303


def test_no_page_can_be_kept_framed_or_scripted(deployed: Deployed) -> None:
    _, lead_id = new_request(deployed, message="<script>alert(1)</script><img src=x onerror=alert(1)>")
    nurse = a_client(deployed)
    page = request_page(nurse, lead_id)
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "same-origin"
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "<script" not in page.body
    assert "<img src=x" not in page.body
    assert "<script>alert(1)</script>" in page.text


def test_two_hundred_pages_at_once_leave_one_chain(deployed: Deployed) -> None:
    nurse = a_client(deployed)
    audit = Audit(deployed.dynamodb, deployed.stack.desk.audit)
    before = audit.last().number
    with ThreadPoolExecutor(12) as pool:
        statuses = list(pool.map(lambda _: nurse.once("GET", nurse.desk).status, range(200)))
    assert set(statuses) == {200}
    last = audit.last()
    assert last.number == before + 200
    assert list(verify(audit.entries(), datetime.now(UTC), last)) == []


def test_nothing_personal_is_in_an_address_or_a_log_of_the_desk(deployed: Deployed) -> None:
    canary = f"canary{uuid.uuid4().hex}"
    reference, lead_id = new_request(
        deployed, name=f"{canary}name", message=f"{canary}message", email=f"{canary}@example.com"
    )
    nurse = a_client(deployed)
    page = request_page(nurse, lead_id)
    assert f"{canary}message" in page.text
    nurse.send(page, "/note", text=f"{canary}note")
    found = nurse.send(nurse.open(nurse.desk), "/find", q=f"{canary}name")
    assert reference in found.text
    assert canary not in found.url
    page = request_page(nurse, lead_id)
    nurse.send(page, "/outcome", outcome="booked", reason=f"{canary}reason")
    page = request_page(nurse, lead_id)
    assert f"{canary}note" in page.text
    assert f"{canary}reason" in page.text

    assert not [line for line in deployed.log_lines() if canary in line]
    assert canary not in json.dumps(deployed.metric_data(), default=str)
    entries = deployed.dynamodb.scan(TableName=deployed.stack.desk.audit)["Items"]
    assert canary not in json.dumps(entries)
    links = re.findall(r'(?:href|action)="([^"]*)"', page.body)
    assert not [link for link in links if canary in link and not link.startswith(("mailto:", "tel:"))]
