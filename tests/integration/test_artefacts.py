"""The output of `sam build` is what ships: complete, precompiled, pinned, and nothing unused."""

import json
import re
import ssl
import subprocess
import sys
import tomllib
from importlib.metadata import Distribution
from importlib.util import MAGIC_NUMBER
from pathlib import Path
from typing import Any

import botocore
import pytest
import yaml

from tools.local.emulator import ROOT
from tools.package.layer import LAYERS as LAYER_CONTENTS

FUNCTIONS = (
    *("SubmitFunction", "NotifyFunction", "FollowUpFunction"),
    *("DeliveryFunction", "ClaimFunction", "CanaryFunction", "DeskFunction"),
)
LAYERS = {"SubmitLayer": "submit", "DependenciesLayer": "others", "DeskLayer": "desk"}


def layers_of(function: str) -> tuple[str, ...]:
    special = {"SubmitFunction": ("SubmitLayer",), "DeskFunction": ("DependenciesLayer", "DeskLayer")}
    return special.get(function, ("DependenciesLayer",))


# The bytecode has a hash of its source that Python never checks: PEP 552, flags 0b01.
UNCHECKED_HASH = b"\x01\x00\x00\x00"


def run_isolated(built: Path, function: str) -> dict[str, list[str]]:
    """Import and use a built function in an interpreter with only its code, the layer and the template's variables."""
    template: Any = yaml.load((built / "template.yaml").read_text(), Loader=_CloudFormation)  # noqa: S506 - see below
    properties = template["Resources"][function]["Properties"]
    variables = {
        **template["Globals"]["Function"]["Environment"]["Variables"],
        **properties["Environment"]["Variables"],
    }
    values = {
        "ALERT_DETAIL": "contact",
        "POWERTOOLS_LOG_LEVEL": "INFO",
        "PUBLIC_URL": "https://api.example/v1",
        "PYTHONTZPATH": str(built / layers_of(function)[0] / "python" / "tzdata" / "zoneinfo"),
        "AMAZON_ROOTS": str(built / layers_of(function)[0] / "amazon-roots.pem"),
        "ID_KEY": "made-up-key-of-a-stack-0123456789abcdef",
        "SIGN_IN_URL": "https://sign-in.example",
        "USER_POOL_ID": "us-east-1_MadeUp123",
        "TELL_OTHERS": "yes",
        "VISITOR_CONFIRMATION": "no",
        "TURNSTILE_VERIFY_URL": "https://verifier.example",
    }
    environment = {name: values.get(name, "a@example.com") for name in variables}
    # Variables that Lambda itself sets.
    environment |= {"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none"}
    if function == "SubmitFunction":
        environment["AWS_ENDPOINT_URL_DYNAMODB"] = "https://127.0.0.1:9"  # refuses: the first try fails at once
    done = subprocess.run(
        [
            *(sys.executable, "-I", "-S", str(Path(__file__).with_name("isolated.py"))),
            *(str(built / function), properties["Handler"]),
            *(str(built / layer / "python") for layer in layers_of(function)),
        ],
        env=environment | {"AWS_DEFAULT_REGION": "us-east-1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, list[str]] = json.loads(done.stderr)
    return result


class _CloudFormation(yaml.SafeLoader):
    """YAML with CloudFormation's tags read as plain values. It is a safe loader, because it builds nothing else."""


_CloudFormation.add_multi_constructor("!", lambda *_: "value")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_built_function_needs_only_its_code_the_layer_and_its_variables(built: Path, function: str) -> None:
    result = run_isolated(built, function)

    assert result["loaded"]
    assert result["compiled"] == [], "bytecode is missing or was refused"


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_module_has_bytecode_that_lambda_will_not_throw_away(built: Path, function: str) -> None:
    sources = list((built / function).rglob("*.py"))
    assert sources
    for source in sources:
        bytecode = source.parent / "__pycache__" / f"{source.stem}.cpython-313.pyc"
        assert bytecode.is_file(), f"{source} has no bytecode"
        assert bytecode.read_bytes()[4:8] == UNCHECKED_HASH, f"{bytecode} would be checked against a date"


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_is_bytecode_alone(built: Path, layer: str) -> None:
    assert not list((built / layer).rglob("*.py"))
    modules = list((built / layer).rglob("*.pyc"))
    assert modules
    for module in modules:
        head = module.read_bytes()[:8]
        assert head == MAGIC_NUMBER + UNCHECKED_HASH, f"{module} is not for this Python, or would be checked"


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_holds_what_uv_lock_pins_and_nothing_else(built: Path, layer: str) -> None:
    without = LAYER_CONTENTS[LAYERS[layer]].without
    exported = subprocess.run(
        [
            "tools/bin/uv",
            "export",
            "--quiet",
            "--frozen",
            "--no-dev",
            "--no-emit-project",
            "--no-hashes",
            "--no-annotate",
            *(argument for package in without for argument in ("--prune", package)),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    pinned = {line.partition(";")[0].strip() for line in exported.splitlines() if not line.startswith("#")}
    shipped = {
        f"{distribution.metadata['Name'].lower().replace('_', '-')}=={distribution.version}"
        for distribution in map(Distribution.at, (built / layer / "python").glob("*.dist-info"))
    }
    assert shipped == pinned, (
        f"the built layer and uv.lock differ in {sorted(shipped ^ pinned)};"
        " run `tools/bin/uv lock`, or correct tools/package/layer.py"
    )
    direct = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    wanted = {name.partition(">")[0] for name in direct} - set(without)
    assert {name.partition("=")[0] for name in pinned} >= wanted


@pytest.mark.parametrize("layer", LAYERS)
def test_every_package_in_a_layer_is_used(built: Path, layer: str) -> None:
    packages = built / layer / "python"
    loaded = {
        Path(file).relative_to(packages).parts[0].removesuffix(".pyc")
        for function in FUNCTIONS
        if layer in layers_of(function)
        for file in run_isolated(built, function)["loaded"]
        if file.startswith(str(packages))
    }
    shipped = {entry.name.removesuffix(".pyc") for entry in packages.iterdir() if not entry.name.endswith(".dist-info")}
    loaded |= {"tzdata"} & shipped  # data files, which nothing imports
    assert shipped == loaded, (
        f"no function imports {sorted(shipped - loaded)} (remove it from pyproject.toml, or add it to `without` in"
        f" tools/package/layer.py), and the layer lacks {sorted(loaded - shipped)}"
    )


def test_submit_loads_no_boto3_and_nothing_of_powertools_but_its_logger_and_metrics(built: Path) -> None:
    layer = built / "SubmitLayer" / "python"
    loaded = {
        Path(file).relative_to(layer) for file in run_isolated(built, "SubmitFunction")["loaded"] if "/python/" in file
    }
    assert not {path for path in loaded if path.parts[0] in {"boto3", "s3transfer"}}
    parts = {path.parts[1] for path in loaded if path.parts[0] == "aws_lambda_powertools"}
    assert not parts & {"event_handler", "middleware_factory"}
    used = {path.parts[2] for path in loaded if path.parts[:2] == ("aws_lambda_powertools", "utilities")}
    assert used <= {"__init__.pyc", "jmespath_utils"}


def test_only_the_desk_has_a_library_of_cryptography(built: Path) -> None:
    having = {library.relative_to(built).parts[0] for library in built.rglob("cryptography/__init__.pyc")}
    assert having == {"DeskLayer"}


def test_the_first_try_trusts_amazons_roots_alone(built: Path) -> None:
    context = ssl.create_default_context(cafile=built / "SubmitLayer" / "amazon-roots.pem")
    subjects = " ".join(str(each["subject"]) for each in context.get_ca_certs())
    assert set(re.findall(r"'commonName', '([^']+)'", subjects)) == {
        *("Amazon Root CA 1", "Amazon Root CA 2", "Amazon Root CA 3", "Amazon Root CA 4"),
        "Starfield Services Root Certificate Authority - G2",
    }


@pytest.mark.parametrize("layer", ["SubmitLayer", "DependenciesLayer"])
def test_the_sdk_trusts_every_root_that_botocore_comes_with(built: Path, layer: str) -> None:
    shipped = (built / layer / "python" / "botocore" / "cacert.pem").read_bytes()
    assert shipped == Path(botocore.__file__).with_name("cacert.pem").read_bytes()


@pytest.mark.parametrize(
    ("layer", "services"),
    [
        ("SubmitLayer", {"dynamodb"}),
        ("DependenciesLayer", {"cognito-idp", "dynamodb", "secretsmanager", "sesv2", "sns"}),
    ],
)
def test_botocore_knows_the_services_we_call(built: Path, layer: str, services: set[str]) -> None:
    data = built / layer / "python" / "botocore" / "data"
    assert {entry.name for entry in data.iterdir() if entry.is_dir()} == services


@pytest.mark.parametrize("layer", ["SubmitLayer", "DependenciesLayer"])
def test_zone_names_and_their_aliases_are_kept(built: Path, layer: str) -> None:
    zones = built / layer / "python" / "tzdata" / "zoneinfo"
    assert (zones / "zone.tab").is_file()  # the countries of phone numbers
    assert all((zones / name).is_file() for name in ("America/New_York", "US/Eastern", "America/Indiana/Knox"))


@pytest.mark.parametrize(
    ("function", "folders"),
    [
        ("SubmitFunction", {"shared", "submit"}),
        ("NotifyFunction", {"notify", "shared"}),
        ("FollowUpFunction", {"follow_up", "shared"}),
        ("DeliveryFunction", {"delivery", "shared"}),
        ("ClaimFunction", {"claim", "shared"}),
        ("CanaryFunction", {"canary", "shared"}),
        ("DeskFunction", {"desk", "shared"}),
        ("EraseFunction", {"erase", "shared"}),
        ("WebhookFunction", {"shared", "webhook"}),
    ],
)
def test_a_function_holds_its_own_folder_and_what_it_reaches(built: Path, function: str, folders: set[str]) -> None:
    assert {entry.name for entry in (built / function).iterdir()} == folders | {"clinic.json"}


@pytest.mark.parametrize("layer", LAYERS)
def test_a_production_layer_is_for_arm64_on_any_machine(tmp_path: Path, layer: str) -> None:
    subprocess.run(
        ["make", "--silent", "--makefile", "functions/Makefile", f"build-{layer}", f"ARTIFACTS_DIR={tmp_path}"],
        cwd=ROOT,
        check=True,
    )
    libraries = list((tmp_path / "python").rglob("*.so"))
    assert libraries
    for library in libraries:
        machine = int.from_bytes(library.read_bytes()[18:20], "little")  # ELF header, e_machine
        assert machine == 183, f"{library.name} is not for aarch64"
