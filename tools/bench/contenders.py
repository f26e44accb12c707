"""The measured functions: our submit function, built by `sam build`, and alternatives that developers often write."""

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tools.bench.cloud import Cloud
from tools.bench.lambdas import Package
from tools.bench.packages import package, site_packages
from tools.local.deployment import build
from tools.local.parameters import CLINIC_PHONE
from tools.local.ports import HOST
from tools.local.progress import step

OURS, NAIVE, NAIVE_PACKAGED, TUTORIAL, EMPTY = "ours", "naive", "naive-packaged", "tutorial", "empty"

ID_KEY = "made-up-key-of-the-stack-that-is-measured"
_SENDER = "clinic@example.com"
_STAFF = "frontdesk@example.com"


@dataclass(frozen=True, slots=True)
class Contender:
    """A function that accepts a request and stores it, with its settings."""

    name: str
    title: str
    package: Package
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Peer:
    name: str
    folder: str  # below tools/bench/peers
    title: str
    handler: str = "handler.handler"
    requirements: bool = True  # False: use the packages of the runtime


_LOWER_BOUNDS = (
    _Peer(EMPTY, "empty", "empty handler"),
    _Peer("standard-library", "standard_library", "standard library, signs the put itself"),
)
_ALTERNATIVES = (
    _Peer(NAIVE, "naive", "naive 20 lines, boto3 as the runtime ships it", requirements=False),
    _Peer(NAIVE_PACKAGED, "naive", "naive 20 lines, boto3 as pip leaves it"),
    _Peer("flask", "flask_wsgi", "Flask and a WSGI adapter, boto3 packaged"),
    # AWS's emulator passes no trace on, and without one the tutorial's Tracer does nothing. So this peer creates one.
    _Peer(
        TUTORIAL,
        "tutorial",
        "usual tutorial, with Tracer, pydantic and SES, boto3 packaged",
        handler="traced.handler",
    ),
    _Peer("fastapi", "fastapi_mangum", "FastAPI and Mangum, boto3 packaged"),
)


@contextmanager
def contenders(cloud: Cloud, folder: Path) -> Iterator[tuple[Contender, ...]]:
    """Build every contender's package below `folder` and create its table in `cloud`. The faster ones come first."""
    cloud.ses.create_email_identity(EmailIdentity=_SENDER)
    with _trace_daemon() as daemon:
        with step("Building our artifacts and packaging the alternatives"):
            everybody = (
                *(_contender(peer, cloud, folder, daemon) for peer in _LOWER_BOUNDS),
                _ours(cloud, folder),
                *(_contender(peer, cloud, folder, daemon) for peer in _ALTERNATIVES),
            )
        yield everybody


def our_package(function: str, folder: Path) -> Package:
    """Return the package of one of our functions that `sam build` created below `folder`."""
    name = "".join(part.capitalize() for part in function.split("_"))
    built = folder / "build"
    layer = "SubmitLayer" if function == "submit" else "DependenciesLayer"
    second = built / "DeskLayer" if function == "desk" else None
    return Package(function, f"{function}.handler.handler", built / f"{name}Function", built / layer, second)


def our_settings(layer: Path) -> dict[str, str]:
    """Return the environment variables in template.yaml for our submit function, except its table and its name."""
    return {
        "POWERTOOLS_METRICS_NAMESPACE": "clinic-leads",
        "POWERTOOLS_LOG_LEVEL": "INFO",
        "PYDANTIC_DISABLE_PLUGINS": "__all__",
        "PYTHONTZPATH": str(layer / "python" / "tzdata" / "zoneinfo"),
        "ALLOWED_ORIGINS": "https://www.example.com",
        "THANK_YOU_PAGES": "",
        "CLINIC_PHONE": CLINIC_PHONE,
        "AMAZON_ROOTS": str(layer / "amazon-roots.pem"),
        "ID_KEY": ID_KEY,
    }


def _ours(cloud: Cloud, folder: Path) -> Contender:
    build(folder / "build", folder / "build.log")
    ours = replace(our_package("submit", folder), name=OURS)
    layer = folder / "build" / "SubmitLayer"
    return Contender(
        name=OURS,
        title="**ours**, built by `sam build`",
        package=ours,
        environment={
            **cloud.environment(layer / "amazon-roots.pem"),
            **our_settings(layer),
            "TABLE_NAME": cloud.make_leads_table("leads"),
            "POWERTOOLS_SERVICE_NAME": "submit",
        },
    )


def _contender(peer: _Peer, cloud: Cloud, folder: Path, daemon: str) -> Contender:
    task = folder / "packages" / peer.name
    package(peer.folder, task, requirements=peer.requirements)
    bundle = task / "botocore" / "cacert.pem"
    return Contender(
        name=peer.name,
        title=peer.title,
        package=Package(peer.name, peer.handler, task=task),
        environment={
            **cloud.environment(bundle if bundle.exists() else site_packages() / "botocore" / "cacert.pem"),
            "TABLE_NAME": cloud.make_table(peer.name),
            "POWERTOOLS_SERVICE_NAME": peer.name,
            "POWERTOOLS_METRICS_NAMESPACE": "clinic-leads",
            "SENDER_ADDRESS": _SENDER,
            "ALERT_RECIPIENTS": _STAFF,
            "AWS_XRAY_DAEMON_ADDRESS": daemon,
            "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
        },
    )


@contextmanager
def _trace_daemon() -> Iterator[str]:
    """Receive traces like the X-Ray daemon in Lambda. Nothing reads them, so the operating system drops them."""
    with socket.socket(type=socket.SOCK_DGRAM) as daemon:
        daemon.bind((HOST, 0))
        yield f"{HOST}:{daemon.getsockname()[1]}"
