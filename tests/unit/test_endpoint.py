"""shared.services.endpoint: the first try goes where the SDK would go, or not at all."""

import json
from pathlib import Path
from typing import Any

import botocore
import botocore.session
import pytest

from shared.services import endpoint

LAMBDA = {
    "AWS_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "made-up",
    "AWS_SESSION_TOKEN": "made-up",
}
_PARTITIONS = json.loads((Path(botocore.__file__).parent / "data" / "partitions.json").read_text(encoding="utf-8"))
REGIONS = sorted(
    region
    for partition in _PARTITIONS["partitions"]
    for region in partition["regions"]
    if not region.endswith("-global")
)


@pytest.mark.parametrize("region", REGIONS)
def test_in_each_region_the_address_is_the_sdks(region: str) -> None:
    client: Any = botocore.session.Session().create_client(
        "dynamodb", region_name=region, aws_access_key_id="x", aws_secret_access_key="x"
    )
    ours = endpoint.dynamodb_url(LAMBDA | {"AWS_REGION": region})
    assert ours == (client.meta.endpoint_url if client.meta.endpoint_url.endswith(".amazonaws.com") else None)
    client.close()


@pytest.mark.parametrize(
    ("settings", "url"),
    [
        ({"AWS_ENDPOINT_URL": "http://localhost:4566"}, "http://localhost:4566"),
        (
            {"AWS_ENDPOINT_URL": "http://localhost:4566", "AWS_ENDPOINT_URL_DYNAMODB": "http://localhost:8000"},
            "http://localhost:8000",
        ),
        ({"AWS_ENDPOINT_URL_S3": "http://localhost:9000"}, "https://dynamodb.us-east-1.amazonaws.com"),
        ({"NO_PROXY": "*"}, "https://dynamodb.us-east-1.amazonaws.com"),
    ],
)
def test_an_address_can_be_set_as_for_the_sdk(settings: dict[str, str], url: str) -> None:
    assert endpoint.dynamodb_url(LAMBDA | settings) == url


@pytest.mark.parametrize(
    "setting",
    [
        {"AWS_USE_FIPS_ENDPOINT": "true"},
        {"AWS_USE_DUALSTACK_ENDPOINT": "true"},
        {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"},
        {"AWS_CONFIG_FILE": "/opt/config"},
        {"AWS_PROFILE": "clinic"},
        {"HTTPS_PROXY": "http://proxy.example.com:3128"},
        {"https_proxy": "http://proxy.example.com:3128"},
        {"ALL_PROXY": "http://proxy.example.com:3128"},
        {"AWS_REGION": ""},
        {"AWS_ENDPOINT_URL": "localhost:4566"},
        {"AWS_ENDPOINT_URL": "https://gateway.example.com/aws"},
    ],
    ids=str,
)
def test_a_setting_that_only_the_sdk_understands_leaves_the_put_to_it(setting: dict[str, str]) -> None:
    assert endpoint.dynamodb_url(LAMBDA | setting) is None


@pytest.mark.parametrize("missing", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
def test_without_credentials_in_the_environment_nothing_is_signed(missing: str) -> None:
    assert endpoint.signer(LAMBDA) is not None
    assert endpoint.signer({name: value for name, value in LAMBDA.items() if name != missing}) is None
    assert endpoint.signer(LAMBDA | {missing: ""}) is None


def test_a_bundle_of_the_clinics_own_is_trusted_as_the_sdk_trusts_it() -> None:
    assert endpoint.trusted_certificates({}, otherwise="/opt/amazon-roots.pem") == "/opt/amazon-roots.pem"
    assert endpoint.trusted_certificates({"AWS_CA_BUNDLE": "/opt/own.pem"}, otherwise="x") == "/opt/own.pem"
