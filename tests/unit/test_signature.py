"""shared.services.signature: the same signature as botocore's, byte for byte."""

import hypothesis.strategies as st
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given

from shared.services.signature import Signer

_HEADERS = {"content-type": "application/x-amz-json-1.0", "x-amz-target": "DynamoDB_20120810.PutItem"}
# What credentials and regions are made of.
_TOKENS = st.text("ABCabc019/+=", max_size=40)


@given(
    body=st.binary(max_size=500),
    key_id=st.text("ABCXYZ0189", min_size=16, max_size=20),
    secret=_TOKENS.filter(bool),
    token=_TOKENS,
    region=st.sampled_from(["us-east-1", "eu-central-1", "ap-southeast-2"]),
)
def test_a_signature_is_the_one_that_botocore_makes(
    body: bytes, key_id: str, secret: str, token: str, region: str
) -> None:
    host = f"dynamodb.{region}.amazonaws.com"
    request = AWSRequest("POST", f"https://{host}/", headers=_HEADERS, data=body)
    SigV4Auth(Credentials(key_id, secret, token or None), "dynamodb", region).add_auth(request)
    theirs = {name.lower(): value for name, value in request.headers.items()}

    signer = Signer(key_id=key_id, secret=secret, token=token, region=region)
    ours = signer.signed({**_HEADERS, "host": host}, body, sent_at=theirs["x-amz-date"])

    assert ours == theirs | {"host": host}


def test_a_signer_shows_no_secret() -> None:
    signer = Signer(key_id="AKIDEXAMPLE", secret="made-up-secret", token="made-up-token", region="us-east-1")
    assert "made-up" not in f"{signer!r} {signer}"
