"""shared.runtime.settings and each function's settings: read once, complete or not at all."""

import pytest
from pydantic import SecretStr, ValidationError
from pydantic_core import PydanticUndefined

from canary.settings import CanarySettings
from claim.settings import ClaimSettings
from delivery.settings import DeliverySettings
from desk.settings import DeskSettings
from follow_up.settings import FollowUpSettings
from shared.messages.settings import AlertSettings
from shared.runtime.settings import Settings, read_settings
from submit.settings import SubmitSettings
from tests.unit.people import ID_KEY
from webhook.settings import WebhookSettings

MODELS: list[type[Settings]] = [
    *(Settings, SubmitSettings, AlertSettings, FollowUpSettings),
    *(ClaimSettings, DeliverySettings, CanarySettings, DeskSettings, WebhookSettings),
]
COMPLETE = {
    "TABLE_NAME": "made-up-table",
    "ALLOWED_ORIGINS": "https://www.example.com,https://example.com",
    "THANK_YOU_PAGES": "https://www.example.com/thank-you, https://example.com/thanks",
    "CLINIC_PHONE": "(202) 555-0143",
    "AMAZON_ROOTS": "/opt/amazon-roots.pem",
    "ID_KEY": ID_KEY,
    "SENDER_ADDRESS": "leads@example.com",
    "ALERT_RECIPIENTS": "frontdesk@example.com, nurse@example.com",
    "FALLBACK_RECIPIENTS": "owner@example.com",
    "ALERT_DETAIL": "contact",
    "CONFIGURATION_SET": "made-up-set",
    "TURNSTILE_SECRET_ARN": "arn:aws:secretsmanager:us-east-1:000000000000:secret:made-up-abcdef",
    "TURNSTILE_VERIFY_URL": "https://challenges.cloudflare.com/turnstile/v0/siteverify",
    "STACK_SECRET_ARN": "arn:aws:secretsmanager:us-east-1:000000000000:secret:made-up-ghijkl",
    "PEOPLE_SECRET_ARN": "arn:aws:secretsmanager:us-east-1:000000000000:secret:made-up-people-klmnop",
    "PUBLIC_URL": "https://api.example.com/v1",
    "TELL_OTHERS": "yes",
    "VISITOR_CONFIRMATION": "no",
    "AUDIT_TABLE": "made-up-audit",
    "OWNER_EMAIL": "owner@example.com",
    "SESSIONS_TABLE": "made-up-sessions",
    "USER_POOL_ID": "us-east-1_MadeUp123",
    "SIGN_IN_URL": "https://leads-made-up.auth.us-east-1.amazoncognito.com",
    "WEBHOOK_ADDRESS_ARN": "arn:aws:secretsmanager:us-east-1:000000000000:secret:made-up-address-qrstuv",
    "WEBHOOK_KEY_ARN": "arn:aws:secretsmanager:us-east-1:000000000000:secret:made-up-key-wxyzab",
    "ALARMS_TOPIC_ARN": "arn:aws:sns:us-east-1:000000000000:made-up-alarms",
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in COMPLETE.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


@pytest.mark.usefixtures("environment")
def test_settings_come_from_the_environment() -> None:
    assert read_settings(SubmitSettings).model_dump() == {
        "table_name": "made-up-table",
        "allowed_origins": ("https://www.example.com", "https://example.com"),
        "thank_you_pages": ("https://www.example.com/thank-you", "https://example.com/thanks"),
        "clinic_phone": "(202) 555-0143",
        "amazon_roots": "/opt/amazon-roots.pem",
        "id_key": SecretStr(ID_KEY),
    }
    assert read_settings(AlertSettings).model_dump() == {
        "table_name": "made-up-table",
        "sender_address": "leads@example.com",
        "alert_recipients": ("frontdesk@example.com", "nurse@example.com"),
        "fallback_recipients": ("owner@example.com",),
        "alert_detail": "contact",
        "configuration_set": "made-up-set",
        "turnstile_secret_arn": COMPLETE["TURNSTILE_SECRET_ARN"],
        "turnstile_verify_url": COMPLETE["TURNSTILE_VERIFY_URL"],
        "stack_secret_arn": COMPLETE["STACK_SECRET_ARN"],
        "people_secret_arn": COMPLETE["PEOPLE_SECRET_ARN"],
        "public_url": "https://api.example.com/v1",
        "tell_others": True,
        "visitor_confirmation": False,
        "clinic_phone": "(202) 555-0143",
    }
    assert read_settings(ClaimSettings).model_dump() == {
        "table_name": "made-up-table",
        "stack_secret_arn": COMPLETE["STACK_SECRET_ARN"],
        "people_secret_arn": COMPLETE["PEOPLE_SECRET_ARN"],
        "alert_recipients": ("frontdesk@example.com", "nurse@example.com"),
        "fallback_recipients": ("owner@example.com",),
        "tell_others": True,
    }


@pytest.mark.parametrize("model", MODELS)
def test_no_setting_has_a_default(model: type[Settings]) -> None:
    assert [name for name, field in model.model_fields.items() if field.default is not PydanticUndefined] == []
    assert all(field.is_required() for field in model.model_fields.values())


@pytest.mark.parametrize(("model", "name"), [(model, name) for model in MODELS for name in model.model_fields])
def test_a_missing_setting_stops_the_function_and_is_named(
    environment: pytest.MonkeyPatch, model: type[Settings], name: str
) -> None:
    environment.delenv(name.upper())
    with pytest.raises(ValidationError) as caught:
        read_settings(model)
    assert [error["loc"] for error in caught.value.errors()] == [(name,)]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("table_name", ""),
        ("configuration_set", ""),
        ("sender_address", ""),
        ("alert_recipients", ""),
        ("alert_recipients", " , ,"),
        ("alert_detail", ""),
        ("alert_detail", "everything"),
        ("alert_detail", "FULL"),
        ("turnstile_verify_url", ""),
        ("turnstile_verify_url", "challenges.cloudflare.com"),
        ("stack_secret_arn", ""),
        ("public_url", ""),
        ("public_url", "api.example.com"),
        ("public_url", "https://api.example.com/v1/"),
        ("tell_others", ""),
        ("tell_others", "true"),
        ("visitor_confirmation", "Yes"),
    ],
)
def test_an_empty_or_unknown_value_stops_the_function(environment: pytest.MonkeyPatch, name: str, value: str) -> None:
    environment.setenv(name.upper(), value)
    with pytest.raises(ValidationError):
        read_settings(AlertSettings)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", ()), (" ", ()), (",", ()), ("a@example.com", ("a@example.com",)), (" a , b ,, c ", ("a", "b", "c"))],
)
def test_a_list_is_separated_by_commas(environment: pytest.MonkeyPatch, text: str, expected: tuple[str, ...]) -> None:
    environment.setenv("FALLBACK_RECIPIENTS", text)
    assert read_settings(AlertSettings).fallback_recipients == expected


def test_without_a_secret_turnstile_is_not_used(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("TURNSTILE_SECRET_ARN", "")
    assert read_settings(AlertSettings).turnstile_secret_arn == ""


@pytest.mark.usefixtures("environment")
def test_settings_cannot_be_changed_later() -> None:
    with pytest.raises(ValidationError):
        read_settings(Settings).table_name = "another"  # type: ignore[misc] # that is the point


@pytest.mark.usefixtures("environment")
def test_an_origin_copied_from_the_address_bar_is_an_origin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOWED_ORIGINS", "https://www.example.com/, https://example.com")
    assert read_settings(SubmitSettings).model_dump() == {
        "table_name": "made-up-table",
        "allowed_origins": ("https://www.example.com", "https://example.com"),
        "thank_you_pages": ("https://www.example.com/thank-you", "https://example.com/thanks"),
        "clinic_phone": "(202) 555-0143",
        "amazon_roots": "/opt/amazon-roots.pem",
        "id_key": SecretStr(ID_KEY),
    }


@pytest.mark.parametrize("model", [SubmitSettings, CanarySettings])
@pytest.mark.usefixtures("environment")
def test_the_id_key_is_in_no_text_about_the_settings(model: type[SubmitSettings | CanarySettings]) -> None:
    settings = read_settings(model)
    assert settings.id_key.get_secret_value() == ID_KEY
    for shown in (repr(settings), str(settings), f"{settings.model_dump()}", settings.model_dump_json()):
        assert ID_KEY not in shown


@pytest.mark.parametrize("model", [SubmitSettings, CanarySettings])
@pytest.mark.parametrize("key", ["", "short-made-up-key-of-31-letters", "{{resolve:secretsmanager:x"])
def test_a_key_that_is_too_short_stops_the_function_and_is_not_printed(
    environment: pytest.MonkeyPatch, model: type[Settings], key: str
) -> None:
    environment.setenv("ID_KEY", key)
    with pytest.raises(ValidationError) as caught:
        read_settings(model)
    assert [error["loc"] for error in caught.value.errors()] == [("id_key",)]
    assert not key or key not in f"{caught.value} {caught.value!r}"


@pytest.mark.parametrize("model", [SubmitSettings, CanarySettings])
def test_no_error_about_another_setting_prints_the_key(environment: pytest.MonkeyPatch, model: type[Settings]) -> None:
    environment.delenv("TABLE_NAME")
    with pytest.raises(ValidationError) as caught:
        read_settings(model)
    assert ID_KEY not in f"{caught.value} {caught.value!r}"
