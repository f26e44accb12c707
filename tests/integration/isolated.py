"""Run in a bare interpreter (`python -I -S`): import a built function as Lambda would, and use it.

Arguments: the function's folder, the handler, and the folder of each layer. Prints JSON: the modules loaded from these
folders, and the files that had to be compiled because their bytecode was missing or rejected.
"""

import importlib
import importlib.machinery
import json
import sys
from collections.abc import Callable
from types import CodeType
from typing import Any


def main() -> None:
    code, handler_name, *layers = sys.argv[1:]
    compiled: list[str] = []
    loader: Any = importlib.machinery.SourceFileLoader
    compile_source = loader.source_to_code

    def record(self: object, data: bytes, path: str, **options: object) -> CodeType:
        compiled.append(str(path))
        result: CodeType = compile_source(self, data, path, **options)
        return result

    loader.source_to_code = record
    sys.path[:0] = [code, *layers]  # as Lambda has them: /var/task before /opt/python
    module, _, name = handler_name.rpartition(".")
    handler = getattr(importlib.import_module(module), name)
    use(module.partition(".")[0], handler)
    loaded = [
        str(file)
        for file in (getattr(loaded, "__file__", None) for loaded in list(sys.modules.values()))
        if file and str(file).startswith((code, *layers))
    ]
    json.dump({"loaded": loaded, "compiled": compiled}, sys.stderr)


def use(function: str, handler: Callable[[dict[str, Any], object], dict[str, Any]]) -> None:
    """Run the code that imports something late: phone numbers, pages, emails, secrets, items of the table.

    No connection is made: prepared responses replace AWS's where botocore would send.
    """
    if function == "submit":
        put_by_the_sdk()
    for event, status in EVENTS.get(function, ()):
        answer = handler(event, Context())
        assert answer["statusCode"] == status, answer
    if function == "claim":
        links(handler)
    if function == "desk":
        pages_of_the_desk(handler)
    if function == "notify":
        answer_of_aws("dynamodb", {})  # the lead was deleted
        record = {"eventName": "INSERT", "dynamodb": {"Keys": {"pk": {"S": "LEAD#x"}}, "SequenceNumber": "1"}}
        assert handler({"Records": [record]}, Context()) == {"batchItemFailures": []}
        answer_of_aws("secrets_manager", {"SecretString": "made-up"})
        assert importlib.import_module("shared.services.secret").stored_secret("x", max_age=1).read() == "made-up"
    if function in {"notify", "follow_up"}:
        mail_and_screen()
    if function == "delivery":
        handler({}, Context())  # not a report at all
        clients = importlib.import_module("shared.services.clients")
        assert clients.sns().meta.endpoint_url == "https://sns.us-east-1.amazonaws.com"


def answer_of_aws(service: str, document: dict[str, Any]) -> None:
    """Replace every response of a service with `document`."""
    answer_to(getattr(importlib.import_module("shared.services.clients"), service)(), document)


def answer_to(client: Any, document: dict[str, Any]) -> None:  # noqa: ANN401 - botocore's
    """Replace every response to a client with `document`."""
    from botocore.awsrequest import AWSResponse, HTTPHeaders  # noqa: PLC0415

    class Body:
        @staticmethod
        def stream() -> list[bytes]:
            return [json.dumps(document).encode()]

    def answer(request: Any, **_: object) -> AWSResponse:  # noqa: ANN401 - botocore's
        return AWSResponse(request.url, 200, HTTPHeaders(), Body())

    client.meta.events.register("before-send", answer)


def put_by_the_sdk() -> None:
    """Put a lead although no server answers the first try: the SDK is loaded and takes over."""
    from datetime import UTC, datetime  # noqa: PLC0415

    client_module: Any = importlib.import_module("shared.services.intake_client")
    client = client_module.intake_client()
    answer_to(client, {})
    client_module.intake_client = lambda: client
    settings = importlib.import_module("shared.runtime.settings").read_settings(
        importlib.import_module("submit.settings").SubmitSettings
    )
    lead = importlib.import_module("shared.leads.lead").Lead(
        id="7Q2M4XHD000000000000000000",
        received_at=datetime.now(UTC),
        fingerprint="x",
        answers={"name": "Robin Example"},
    )
    stored = importlib.import_module("submit.store").intake(settings).put(lead).stored
    assert stored.name == "NEW", stored


def links(handler: Callable[[dict[str, Any], object], dict[str, Any]]) -> None:
    """Open a link to a lead, press a button, close the person's other requests, and open an invalid link."""
    from datetime import UTC, datetime  # noqa: PLC0415

    table = importlib.import_module("shared.store.keys")
    lead_item = importlib.import_module("shared.store.lead_item")
    lead = importlib.import_module("shared.leads.lead")
    link = importlib.import_module("shared.leads.link")
    keys = importlib.import_module("shared.services.keys")
    team = importlib.import_module("shared.leads.team")
    now = datetime.now(UTC)
    stored = lead.Lead(
        id="7Q2M4XHD000000000000000000", received_at=now, fingerprint="x", answers={"name": "Robin Example"}
    )
    answer_of_aws("secrets_manager", {"SecretString": "made-up"})
    item = table.key(stored.id) | table.attributes(lead_item.lead_attributes(stored))
    answer_of_aws("dynamodb", {"Item": item, "Items": []})  # without a timeline
    recipient = team.Recipient("a@example.com").id
    signed = link.links("https://api.example", stored.id, recipient, 1, keys.stack_keys("x", "y").for_links(), now)
    token = signed.claim.rpartition("/")[2]
    form = {"content-type": "application/x-www-form-urlencoded"}
    for method, path, body, status in (
        ("GET", token, None, 200),
        ("POST", token, None, 200),
        ("POST", token, "seen=0&action=reached", 200),
        ("POST", token, "seen=0&action=reached_too", 409),  # the prepared response is an open lead
        ("POST", token, "x", 400),
        ("GET", "x", None, 400),
        ("PUT", "x", None, 405),
    ):
        asked = {"httpMethod": method, "path": f"/claim/{path}", "requestContext": {"stage": "v1"}}
        event = asked | {"headers": form, "body": body}
        answer = handler(event, Context())
        assert answer["statusCode"] == status, answer
        assert answer["multiValueHeaders"]["Content-Type"] == ["text/html; charset=utf-8"], answer


def pages_of_the_desk(handler: Callable[[dict[str, Any], object], dict[str, Any]]) -> None:
    """Begin to sign in, come back with a made-up code, and open a page that needs no sign-in."""
    answer_of_aws("dynamodb", {})
    client = {"ClientId": "made-up", "ClientName": "desk", "ClientSecret": "made-up"}
    answer_of_aws("secrets_manager", {"SecretString": "made-up"})
    answer_of_aws("cognito", {"UserPoolClients": [client], "UserPoolClient": client})
    host = "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com"
    for path, status in (("/desk", 303), ("/desk/signed-in", 400), ("/desk/signed-out", 200)):
        answer = handler(
            {
                "httpMethod": "GET",
                "path": path,
                "headers": {"Host": host},
                "requestContext": {"domainName": host, "path": f"/v1{path}", "stage": "v1"},
            },
            Context(),
        )
        assert answer["statusCode"] == status, answer


def mail_and_screen() -> None:
    from datetime import UTC, datetime  # noqa: PLC0415

    emails = importlib.import_module("shared.messages.emails")
    told = importlib.import_module("shared.messages.circumstances")
    leads = importlib.import_module("shared.leads.lead")
    notice = importlib.import_module("shared.leads.notice")
    files = importlib.import_module("shared.runtime.files")
    spam = importlib.import_module("shared.leads.spam")
    clients = importlib.import_module("shared.services.clients")
    now = datetime(2026, 11, 2, 15, 4, tzinfo=UTC)
    lead = leads.Lead(
        id="7Q2M4XHD000000000000000000",
        received_at=now,
        fingerprint="",
        answers={"name": "Robin Example", "email": "robin@example.com", "phone": "+12025550161"},
    )
    around, envelope = told.Circumstances(clinic=files.clinic(), now=now), told.Envelope(detail="full")
    for kind in notice.Notice:
        assert "KC-7Q2M-4XHD" in emails.email_for(kind, lead, around, envelope).html
    evidence = spam.Evidence(lead=lead, repeats=0, turnstile=spam.Verdict.NOT_ASKED)
    assert not spam.screen(evidence).reasons
    assert clients.secrets_manager().meta.endpoint_url == "https://secretsmanager.us-east-1.amazonaws.com"


def _event(method: str, resource: str, content_type: str = "", body: str = "") -> dict[str, Any]:
    return {"httpMethod": method, "resource": resource, "headers": {"Content-Type": content_type}, "body": body}


_PART = '--B\r\nContent-Disposition: form-data; name="name"\r\n\r\nRobin Example\r\n--B--\r\n'
EVENTS = {
    "submit": (
        (
            _event(
                "POST", "/consultations", "application/x-www-form-urlencoded", "name=Robin&phone=%2B44+20+7946+0018"
            ),
            422,
        ),
        (_event("POST", "/consultations", "multipart/form-data; boundary=B", _PART), 422),
        (_event("GET", "/form.js"), 200),
        (_event("GET", "/openapi.json"), 200),
    ),
}


class Context:
    """The parts of Lambda's context that Powertools reads."""

    function_name = "isolated"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:us-east-1:000000000000:function:isolated"
    aws_request_id = "isolated"

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 300_000


if __name__ == "__main__":
    main()
