"""Trimming: what is removed from installed packages because no function loads it. Each removal says why.

A test imports and uses every built function in an interpreter that sees only its own layer. The test fails if too much
is removed.
"""

import ast
import gzip
import json
import re
import shutil
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any, Final

# boto3's session, the two subpackages that the session and its clients import, and DynamoDB's types.
_BOTO3: Final = {
    *("__init__.py", "compat.py", "exceptions.py", "session.py", "utils.py"),
    *("docs", "dynamodb", "resources"),
}
# The files that botocore reads for a client of any service. Its data on 400 services takes 25 MB, and it searches the
# folder for each client.
_BOTOCORE_DATA: Final = {"_retry.json", "endpoints.json", "partitions.json", "sdk-default-configuration.json"}
_ENDPOINT_PREFIXES: Final = {"sesv2": "email"}  # if it differs from botocore's name for the service

# The certificate authorities that AWS's own endpoints use (https://www.amazontrust.com/repository/). Loading all 126 of
# botocore's takes 200 M instructions of a cold start. See docs/decisions/0017-amazons-roots.md.
_AMAZON_ROOTS: Final = {
    *("Amazon Root CA 1", "Amazon Root CA 2", "Amazon Root CA 3", "Amazon Root CA 4"),
    "Starfield Services Root Certificate Authority - G2",
}

_UNUSED: Final = (
    "*.dist-info/licenses",  # the license texts stay in the wheels that uv.lock names
    "*.dist-info/sboms",
    "*.dist-info/RECORD",  # for uninstalling
    "**/*.pyi",
    "**/py.typed",
    ".lock",
    "bin",
    # No function transfers files to S3. The other modules of s3transfer stay, because boto3's session imports them.
    *("s3transfer/crt.py", "s3transfer/processpool.py", "s3transfer/subscribers.py"),
    "botocore/data/*/*/examples-1.json",
    "botocore/stub.py",  # fakes for tests
    # botocore only parses dates with dateutil. It needs no recurrence rules, Windows time zones or second database.
    *("dateutil/rrule.py", "dateutil/easter.py", "dateutil/tz/win.py", "dateutil/zoneinfo"),
    # Options of template engines that we do not turn on.
    *("jinja2/ext.py", "jinja2/sandbox.py", "jinja2/nativetypes.py", "jinja2/meta.py"),
    "phonenumbers/shortdata/region_*.py",  # emergency and premium numbers; imported only when looked up
    *("phonenumbers/geocoder.py", "phonenumbers/carrier.py", "phonenumbers/timezone.py", "phonenumbers/prefix.py"),
    *("pydantic/color.py", "pydantic/experimental", "pydantic/mypy.py", "pydantic/v1", "annotated_types/test_cases.py"),
    # Types for addresses, checks of functions' arguments, and what pydantic 1 had. All are imported only when used.
    *("pydantic/networks.py", "pydantic/validate_call_decorator.py", "pydantic/_internal/_validate_call.py"),
    "pydantic/deprecated",
    "botocore/crt/auth.py",  # for AWS's own HTTP library, which no function has
    # The source that the zone files were compiled from, and lists of zones; only zone.tab is read.
    *(f"tzdata/zoneinfo/{each}" for each in ("tzdata.zi", "zone1970.tab", "zonenow.tab", "iso3166.tab", "leapseconds")),
    # Python in a browser, other TLS libraries and proxies.
    *("urllib3/contrib/emscripten", "urllib3/contrib/pyopenssl.py", "urllib3/contrib/socks.py"),
    "urllib3/http2/connection.py",
    "aws_lambda_powertools/event_handler/openapi/swagger_ui",
    *("aws_lambda_powertools/metrics/provider/datadog", "aws_lambda_powertools/logging/formatters/datadog.py"),
    "cffi",  # makes bindings to C; to use cryptography's, _cffi_backend is enough
    # What a token needs none of: one-time codes, signed messages, formats of certificates, and drafts of standards.
    *("cryptography/fernet.py", "cryptography/hazmat/asn1", "cryptography/hazmat/primitives/twofactor"),
    *("cryptography/hazmat/primitives/serialization/pkcs7.py", "cryptography/x509/ocsp.py", "joserfc/drafts"),
)


def packages(folder: Path, *, operations: Mapping[str, AbstractSet[str]], powertools: AbstractSet[str]) -> None:
    """Remove the parts of the packages in `folder` that no function loads; see `Layer` for the arguments."""
    _keep(folder / "boto3", _BOTO3)
    if (folder / "aws_lambda_powertools").exists():
        _trim_powertools(folder / "aws_lambda_powertools", powertools)
    if (folder / "botocore").exists():
        _trim_botocore(folder / "botocore" / "data", operations)
    if (folder / "pydantic_core").exists():
        empty_typed_dictionaries(folder / "pydantic_core" / "core_schema.py")
    for file in folder.glob("*.dist-info/METADATA"):
        cut_description(file)
    for pattern in _UNUSED:
        for entry in sorted(folder.glob(pattern)):
            _remove(entry)


def cut_description(metadata: Path) -> None:
    """Keep the headers of a package's METADATA, and cut off its description: pydantic's takes 140 KB.

    https://packaging.python.org/en/latest/specifications/core-metadata/
    """
    headers, _, _ = metadata.read_text(encoding="utf-8").partition("\n\n")
    metadata.write_text(f"{headers}\n", encoding="utf-8")


def _keep(folder: Path, names: AbstractSet[str]) -> None:
    """Remove every entry of `folder` but those in `names`. A layer may not have the folder at all."""
    for entry in folder.iterdir() if folder.exists() else ():
        if entry.name not in names:
            _remove(entry)


def _trim_powertools(folder: Path, kept: AbstractSet[str]) -> None:
    """Keep the top-level modules of the package, the code that all its parts share, and the parts in `kept`."""
    parts = {entry.name for entry in folder.iterdir() if entry.is_file()} | {"exceptions", "shared", "warnings"}
    utilities = {part.removeprefix("utilities/") for part in kept if part.startswith("utilities/")}
    _keep(folder, parts | kept | {"utilities"})
    _keep(folder / "utilities", utilities | {"__init__.py"})


def _trim_botocore(data: Path, operations: Mapping[str, AbstractSet[str]]) -> None:
    """Keep what a client of the services in `operations` reads."""
    _keep(data, {*_BOTOCORE_DATA, *operations})
    _cut_endpoints(data / "endpoints.json", {_ENDPOINT_PREFIXES.get(service, service) for service in operations})
    for service, called in operations.items():
        for file in (data / service).glob("*/service-2.json.gz"):
            _cut_service(file, called)


def _cut_endpoints(file: Path, prefixes: AbstractSet[str]) -> None:
    """Keep these services' endpoints in every partition: parsing all the others takes a tenth of a cold start."""
    document = json.loads(file.read_text(encoding="utf-8"))
    for partition in document["partitions"]:
        partition["services"] = {
            name: endpoints for name, endpoints in partition["services"].items() if name in prefixes
        }
    file.write_text(json.dumps(document, separators=(",", ":")), encoding="utf-8")


def _cut_service(file: Path, operations: AbstractSet[str]) -> None:
    """Keep `operations` and the shapes that they need. Remove the rest and all documentation."""
    document = _without_documentation(json.loads(gzip.decompress(file.read_bytes())))
    document["operations"] = {name: each for name, each in document["operations"].items() if name in operations}
    kept: set[str] = set()
    found = set(_shapes_in(document["operations"]))
    while found:
        kept |= found
        found = {shape for name in found for shape in _shapes_in(document["shapes"][name])} - kept
    document["shapes"] = {name: shape for name, shape in document["shapes"].items() if name in kept}
    file.write_bytes(gzip.compress(json.dumps(document, separators=(",", ":")).encode(), mtime=0))


def _without_documentation(node: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(node, dict):
        # A shape may also have a member called "documentation". Its value is not text, so it stays.
        return {
            name: _without_documentation(value)
            for name, value in node.items()
            if not (name == "documentation" and isinstance(value, str))
        }
    return [_without_documentation(each) for each in node] if isinstance(node, list) else node


def _shapes_in(node: Any) -> Iterator[str]:  # noqa: ANN401 - JSON
    if isinstance(node, dict):
        if isinstance(node.get("shape"), str):
            yield node["shape"]
        for value in node.values():
            yield from _shapes_in(value)
    elif isinstance(node, list):
        for each in node:
            yield from _shapes_in(each)


def write_amazon_roots(bundle: Path, target: Path) -> None:
    """Write Amazon's certificate authorities from `bundle` into `target`. Raises SystemExit if one is missing."""
    text = bundle.read_text(encoding="utf-8")
    roots = dict(re.findall(r'(?s)# Label: "([^"]+)".*?(-----BEGIN.*?-----END CERTIFICATE-----\n)', text))
    if missing := _AMAZON_ROOTS - roots.keys():
        raise SystemExit(
            f"botocore's cacert.pem no longer has {', '.join(sorted(missing))}: "
            "read docs/decisions/0017-amazons-roots.md, then change _AMAZON_ROOTS in tools/package/trim.py."
        )
    target.write_text("".join(roots[label] for label in sorted(_AMAZON_ROOTS)), encoding="ascii")


def empty_typed_dictionaries(file: Path) -> None:
    """Empty the body of each TypedDict in a module.

    pydantic-core has about eighty of them, for type checkers only. Python compiles each of their annotations when it
    loads the module, which takes 77 M instructions of a cold start.
    """
    module = ast.parse(file.read_text(encoding="utf-8"))
    for node in module.body:
        if isinstance(node, ast.ClassDef) and "TypedDict" in map(ast.unparse, node.bases):
            node.body = [ast.Pass()]
    file.write_text(ast.unparse(module), encoding="utf-8")


def _remove(entry: Path) -> None:
    if entry.is_dir():
        shutil.rmtree(entry)
    else:
        entry.unlink(missing_ok=True)
