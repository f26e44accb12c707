"""webhook.address: only https addresses on the internet, and no error quotes one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.words import CANARY
from webhook.address import BadAddressError, address_of, is_public


@pytest.mark.parametrize(
    ("text", "port", "target"),
    [
        ("https://hooks.slack.com/services/T0/B0/made-up", 443, "/services/T0/B0/made-up"),
        ("https://prod-1.westus.logic.azure.com:443/workflows/x?sig=made-up", 443, "/workflows/x?sig=made-up"),
        ("https://hooks.example.com", 443, "/"),
        ("https://hooks.example.com:8443?a=b", 8443, "/?a=b"),
        ("https://93.184.215.14/", 443, "/"),
    ],
)
def test_an_address_on_the_internet_is_taken(text: str, port: int, target: str) -> None:
    address = address_of(text, local=False)
    assert (address.secure, address.port, address.target) == (True, port, target)
    assert "made-up" not in repr(address)


@pytest.mark.parametrize(
    "text",
    [
        *("http://hooks.example.com/", "ftp://hooks.example.com/", "hooks.example.com", "", "https://", "https:///x"),
        *("https://user@hooks.example.com/", "https://user:word@hooks.example.com/", "https://hooks.example.com/#x"),
        *("https://localhost/", "https://127.0.0.1/", "https://[::1]/", "https://10.1.2.3/", "https://192.168.0.1/"),
        *("https://169.254.169.254/latest/meta-data", "https://[fd00::1]/", "https://[::ffff:10.0.0.1]/"),
        *("https://127.1/", "https://2130706433/", "https://0x7f.1/", "https://intranet/", "https://nas.local/"),
        *("https://a.internal/", "https://hooks.example.com:99999/", "https://hooks.example.com:0/", "https://[x/"),
        *("https://hooks.example.com/a b", "https://hooks.example.com/\r\nX: y", "https://hööks.example.com/"),
        "https://hooks.example.com/" + "x" * 2048,
        "https://224.0.0.1/",
        "a1B2" * 16,  # what AWS makes up before an operator sets an address
    ],
)
def test_any_other_address_is_refused(text: str) -> None:
    with pytest.raises(BadAddressError):
        address_of(text, local=False)


def test_a_receiver_on_this_machine_is_for_the_local_aws_only() -> None:
    assert address_of("http://127.0.0.1:8080/hook", local=True).port == 8080
    with pytest.raises(BadAddressError):
        address_of("http://hooks.example.com/", local=True)


def test_only_workflows_of_teams_get_cards() -> None:
    assert address_of("https://x.environment.api.powerplatform.com/a", local=False).takes_cards
    assert address_of("https://prod-1.westus.logic.azure.com/a", local=False).takes_cards
    assert not address_of("https://logic.azure.com.example.com/a", local=False).takes_cards


@given(st.text(max_size=60).map(lambda text: f"https://{text}") | st.text(max_size=60))
def test_any_text_is_an_address_or_refused_without_a_quote(text: str) -> None:
    said, address = "", None
    try:
        address = address_of(text + CANARY, local=False)
    except BadAddressError as error:
        said = str(error)
    assert (address is None) == bool(said)
    assert CANARY not in said + repr(address)


OWN = ("10.0.0.1", "100.64.0.1", "127.0.0.1", "169.254.1.1", "fe80::1%eth0", "0.0.0.0")  # noqa: S104 - no server
PACKED = (
    "64:ff9b::10.0.0.1",
    "64:ff9b::7f00:1",
    "::ffff:10.0.0.1",
    "2002:0a00:1::1",
    "2001::1",
    "::1",
    "4000::1",
    "ff02::1",
)


@pytest.mark.parametrize("ip", ["93.184.215.14", "64:ff9b::93.184.215.14", "::ffff:93.184.215.14", "2606:2800:21f::1"])
def test_an_address_of_one_host_on_the_internet_is_public(ip: str) -> None:
    assert is_public(ip)


@pytest.mark.parametrize("ip", [*OWN, *PACKED])
def test_an_address_of_our_own_network_is_not_public(ip: str) -> None:
    assert not is_public(ip)
