"""The ID token of a sign-in: each wrong claim, key and signature is refused, and its reason says which."""

import base64
import hashlib
import hmac
import json
from types import SimpleNamespace
from typing import Any, cast

import pytest
import urllib3
from joserfc import jwt
from joserfc.jwk import RSAKey

from desk.tokens import Account, TokenError, Tokens
from tests.unit.desk import CLIENT_ID, KID, NURSE, POOL_ID, MemoryUserPool, signing_key
from tests.unit.people import NOW

NONCE = "made-up-nonce"
SECONDS = int(NOW.timestamp())


class Keys:
    """The address of the keys."""

    def __init__(self) -> None:
        self.asked = 0
        self.status = 200
        self.data: Any = {"keys": [signing_key().as_dict(private=False)]}
        self.error: Exception | None = None

    def request(self, method: str, url: str, **_: Any) -> Any:  # noqa: ANN401 - as urllib3 does
        assert (method, url) == ("GET", "https://keys.example.com")
        self.asked += 1
        if self.error:
            raise self.error
        data = self.data if isinstance(self.data, bytes) else json.dumps(self.data).encode()
        return SimpleNamespace(status=self.status, data=data)


def tokens(keys: Keys | None = None) -> Tokens:
    return Tokens(
        issuer=f"https://cognito-idp.us-east-1.amazonaws.com/{POOL_ID}",
        keys_url="https://keys.example.com",
        http=cast("urllib3.PoolManager", keys or Keys()),
    )


def token(**changes: Any) -> str:  # noqa: ANN401 - any claim
    return MemoryUserPool().token(NURSE, **{"nonce": NONCE, **changes})


def read(text: str, keys: Keys | None = None) -> Account:
    return tokens(keys).account(text, client_id=CLIENT_ID, nonce=NONCE, now=NOW)


def encoded(value: object) -> str:
    content = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def test_a_right_token_says_whose_it_is() -> None:
    assert read(token()) == Account(sub=f"sub-of-{NURSE}", email=NURSE)
    assert read(token(email=" Nurse@Example.com ")).email == NURSE


def test_our_clock_and_cognitos_may_differ_by_a_minute() -> None:
    assert read(token(exp=SECONDS - 59))
    assert read(token(iat=SECONDS + 60))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"iss": "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Other"}, "iss"),
        ({"iss": None}, "iss"),
        ({"aud": "other"}, "aud"),
        ({"aud": None}, "aud"),
        ({"aud": [CLIENT_ID]}, "aud"),
        ({"token_use": "access"}, "token_use"),
        ({"token_use": None}, "token_use"),
        ({"nonce": "other"}, "nonce"),
        ({"nonce": ""}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"exp": SECONDS - 60}, "exp"),
        ({"exp": None}, "exp"),
        ({"exp": "tomorrow"}, "exp"),
        ({"exp": True}, "exp"),
        ({"iat": SECONDS + 61}, "iat"),
        ({"iat": None}, "iat"),
        ({"iat": True}, "iat"),
        ({"iat": str(SECONDS)}, "iat"),
        ({"email": None}, "email"),
        ({"email": ""}, "email"),
        ({"email": " "}, "email"),
        ({"email": ["a@example.com"]}, "email"),
        ({"sub": None}, "sub"),
        ({"sub": 1}, "sub"),
    ],
)
def test_a_wrong_claim_is_refused(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(TokenError) as refused:
        read(token(**changes))
    assert refused.value.reason == reason


def parts(text: str) -> tuple[dict[str, Any], dict[str, Any], str]:
    header, claims, signature = text.split(".")
    decoded = [json.loads(base64.urlsafe_b64decode(each + "==")) for each in (header, claims)]
    return decoded[0], decoded[1], signature


def unsigned() -> str:
    _, claims, _ = parts(token())
    return f"{encoded({'alg': 'none', 'kid': KID})}.{encoded(claims)}."


def signed_with_the_public_key() -> str:
    _, claims, _ = parts(token())
    text = f"{encoded({'alg': 'HS256', 'kid': KID})}.{encoded(claims)}"
    return f"{text}.{encoded(hmac.digest(signing_key().as_pem(private=False), text.encode(), hashlib.sha256))}"


def signed_by_another_key() -> str:
    _, claims, _ = parts(token())
    return jwt.encode({"alg": "RS256", "kid": KID}, claims, RSAKey.generate_key(2048))


def with_its_own_key() -> str:
    _, claims, _ = parts(token())
    own = RSAKey.generate_key(2048)
    return jwt.encode({"alg": "RS256", "kid": KID, "jwk": own.as_dict(private=False)}, claims, own)


def with_other_claims() -> str:
    header, claims, signature = parts(token())
    return f"{encoded(header)}.{encoded(claims | {'email': 'manager@example.com'})}.{signature}"


def without_a_kid() -> str:
    _, claims, _ = parts(token())
    return jwt.encode({"alg": "RS256"}, claims, signing_key())


def with_an_unknown_kid() -> str:
    _, claims, _ = parts(token())
    return jwt.encode({"alg": "RS256", "kid": "other"}, claims, signing_key())


@pytest.mark.parametrize(
    "forged",
    [
        unsigned,
        signed_with_the_public_key,
        signed_by_another_key,
        with_its_own_key,
        with_other_claims,
        without_a_kid,
        with_an_unknown_kid,
        lambda: "",
        lambda: "a.b.c",
        lambda: "a.b",
        lambda: f"{encoded({'alg': 'RS256', 'kid': KID})}.{encoded(b'[]')}.{encoded(b'x')}",
        lambda: f"{encoded({'alg': 'RS256', 'kid': [KID]})}.{encoded({})}.",
        lambda: f"{encoded({'kid': KID})}.{encoded({})}.",
        lambda: "é.é.é",
        lambda: token() + ".x",
    ],
)
def test_a_forged_token_is_refused(forged: Any) -> None:  # noqa: ANN401 - a function
    with pytest.raises(TokenError):
        read(forged())


def test_another_algorithm_is_refused_even_if_the_key_allows_it() -> None:
    _, claims, _ = parts(token())
    key = RSAKey.generate_key(2048, {"kid": KID})
    keys = Keys()
    keys.data = {"keys": [key.as_dict(private=False)]}
    assert read(jwt.encode({"alg": "RS256", "kid": KID}, claims, key), keys)
    with pytest.raises(TokenError):
        read(jwt.encode({"alg": "RS512", "kid": KID}, claims, key, algorithms=["RS512"]), keys)


def test_an_unknown_key_makes_it_read_the_keys_again_once() -> None:
    keys = Keys()
    reader = tokens(keys)
    for _ in range(2):
        reader.account(token(), client_id=CLIENT_ID, nonce=NONCE, now=NOW)
    assert keys.asked == 1
    with pytest.raises(TokenError, match="kid"):
        reader.account(with_an_unknown_kid(), client_id=CLIENT_ID, nonce=NONCE, now=NOW)
    assert keys.asked == 2
    keys.data = {"keys": [signing_key().as_dict(private=False) | {"kid": "other"}]}
    assert reader.account(with_an_unknown_kid(), client_id=CLIENT_ID, nonce=NONCE, now=NOW)


@pytest.mark.parametrize(
    "data", [b"", b"<html>", {}, [], {"keys": {}}, {"keys": [{}]}, {"keys": [{"kty": "RSA", "kid": KID}]}]
)
def test_unreadable_keys_are_refused(data: object) -> None:
    keys = Keys()
    keys.data = data
    with pytest.raises(TokenError):
        read(token(), keys)


def test_keys_out_of_reach_are_refused() -> None:
    keys = Keys()
    keys.status = 404
    with pytest.raises(TokenError, match="keys"):
        read(token(), keys)
    keys.error = urllib3.exceptions.ReadTimeoutError(cast("Any", None), "made-up", "made-up")
    with pytest.raises(TokenError, match="keys"):
        read(token(), keys)


def test_a_key_of_another_kind_does_not_count() -> None:
    keys = Keys()
    keys.data = {"keys": [{"kty": "oct", "kid": KID, "k": "c2VjcmV0"}]}
    with pytest.raises(TokenError, match="kid"):
        read(token(), keys)
