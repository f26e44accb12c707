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

import pytest
import yaml

from tools.local.emulator import ROOT

FUNCTIONS = (
    *("SubmitFunction", "NotifyFunction", "FollowUpFunction"),
    *("DeliveryFunction", "ClaimFunction", "CanaryFunction"),
)
LAYER = "DependenciesLayer"

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
        "PYTHONTZPATH": str(built / LAYER / "python" / "tzdata" / "zoneinfo"),
        "TELL_OTHERS": "yes",
        "VISITOR_CONFIRMATION": "no",
        "TURNSTILE_VERIFY_URL": "https://verifier.example",
    }
    environment = {name: values.get(name, "a@example.com") for name in variables}
    # Variables that Lambda itself sets.
    environment |= {"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none"}
    done = subprocess.run(
        [
            *(sys.executable, "-I", "-S", str(Path(__file__).with_name("isolated.py"))),
            *(str(built / function), str(built / LAYER / "python"), properties["Handler"]),
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


def test_the_layer_is_bytecode_alone(built: Path) -> None:
    assert not list((built / LAYER).rglob("*.py"))
    modules = list((built / LAYER).rglob("*.pyc"))
    assert modules
    for module in modules:
        head = module.read_bytes()[:8]
        assert head == MAGIC_NUMBER + UNCHECKED_HASH, f"{module} is not for this Python, or would be checked"


def test_the_layer_holds_what_uv_lock_pins_and_nothing_else(built: Path) -> None:
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
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    pinned = {line.partition(";")[0].strip() for line in exported.splitlines() if not line.startswith("#")}
    shipped = {
        f"{distribution.metadata['Name'].lower().replace('_', '-')}=={distribution.version}"
        for distribution in map(Distribution.at, (built / LAYER / "python").glob("*.dist-info"))
    }
    assert shipped == pinned, (
        f"the built layer and uv.lock differ in {sorted(shipped ^ pinned)};"
        " run `tools/bin/uv lock`, or correct tools/package/layer.py"
    )
    direct = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    assert {name.partition("=")[0] for name in pinned} >= {name.partition(">")[0] for name in direct}


def test_every_package_in_the_layer_is_used(built: Path) -> None:
    layer = built / LAYER / "python"
    loaded = {
        Path(file).relative_to(layer).parts[0].removesuffix(".pyc")
        for function in FUNCTIONS
        for file in run_isolated(built, function)["loaded"]
        if file.startswith(str(layer))
    }
    # Data files, which nothing imports.
    loaded.add("tzdata")
    shipped = {entry.name.removesuffix(".pyc") for entry in layer.iterdir() if not entry.name.endswith(".dist-info")}
    assert shipped == loaded, (
        f"no function imports {sorted(shipped - loaded)} (remove it from pyproject.toml, or leave it out in"
        f" tools/package/layer.py), and the layer lacks {sorted(loaded - shipped)}"
    )


def test_submit_loads_no_boto3_and_nothing_of_powertools_but_its_logger_and_metrics(built: Path) -> None:
    layer = built / LAYER / "python"
    loaded = {
        Path(file).relative_to(layer) for file in run_isolated(built, "SubmitFunction")["loaded"] if "/python/" in file
    }
    assert not {path for path in loaded if path.parts[0] in {"boto3", "s3transfer"}}
    parts = {path.parts[1] for path in loaded if path.parts[0] == "aws_lambda_powertools"}
    assert not parts & {"event_handler", "middleware_factory"}
    used = {path.parts[2] for path in loaded if path.parts[:2] == ("aws_lambda_powertools", "utilities")}
    assert used <= {"__init__.pyc", "jmespath_utils"}


def test_botocore_trusts_amazons_roots_alone(built: Path) -> None:
    context = ssl.create_default_context(cafile=built / LAYER / "python" / "botocore" / "cacert.pem")
    subjects = " ".join(str(each["subject"]) for each in context.get_ca_certs())
    assert set(re.findall(r"'commonName', '([^']+)'", subjects)) == {
        *("Amazon Root CA 1", "Amazon Root CA 2", "Amazon Root CA 3", "Amazon Root CA 4"),
        "Starfield Services Root Certificate Authority - G2",
    }


def test_botocore_knows_the_services_we_call(built: Path) -> None:
    data = built / LAYER / "python" / "botocore" / "data"
    assert {entry.name for entry in data.iterdir() if entry.is_dir()} == {
        *("dynamodb", "secretsmanager", "sesv2", "sns")
    }


@pytest.mark.parametrize(
    ("function", "folders"),
    [
        ("SubmitFunction", {"shared", "submit"}),
        ("NotifyFunction", {"notify", "shared"}),
        ("FollowUpFunction", {"follow_up", "shared"}),
        ("DeliveryFunction", {"delivery", "shared"}),
        ("ClaimFunction", {"claim", "shared"}),
        ("CanaryFunction", {"canary", "shared"}),
    ],
)
def test_a_function_holds_its_own_folder_and_what_it_reaches(built: Path, function: str, folders: set[str]) -> None:
    assert {entry.name for entry in (built / function).iterdir()} == folders | {"clinic.toml"}


def test_the_production_layer_is_for_arm64_on_any_machine(tmp_path: Path) -> None:
    subprocess.run(
        ["make", "--silent", "--makefile", "functions/Makefile", f"build-{LAYER}", f"ARTIFACTS_DIR={tmp_path}"],
        cwd=ROOT,
        check=True,
    )
    libraries = list((tmp_path / "python").rglob("*.so"))
    assert libraries
    for library in libraries:
        machine = int.from_bytes(library.read_bytes()[18:20], "little")  # ELF header, e_machine
        assert machine == 183, f"{library.name} is not for aarch64"
