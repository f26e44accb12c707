"""Run inside a bare interpreter (`python -I -S`): import a built function as Lambda would, and use it.

Arguments: the function's folder, the layer's, the handler. Prints JSON: modules loaded from either, and the files that
had to be compiled because their bytecode was missing or refused.
"""

import importlib
import importlib.machinery
import json
import sys
from collections.abc import Callable
from types import CodeType
from typing import Any


def main() -> None:
    code, layer, handler_name = sys.argv[1:4]
    compiled: list[str] = []
    loader: Any = importlib.machinery.SourceFileLoader
    compile_source = loader.source_to_code

    def record(self: object, data: bytes, path: str, **options: object) -> CodeType:
        compiled.append(str(path))
        result: CodeType = compile_source(self, data, path, **options)
        return result

    loader.source_to_code = record
    sys.path[:0] = [code, layer]  # as Lambda has them: /var/task before /opt/python
    module, _, name = handler_name.rpartition(".")
    handler = getattr(importlib.import_module(module), name)
    use(module.partition(".")[0], handler)
    loaded = [
        str(file)
        for file in (getattr(loaded, "__file__", None) for loaded in list(sys.modules.values()))
        if file and str(file).startswith((code, layer))
    ]
    json.dump({"loaded": loaded, "compiled": compiled}, sys.stderr)


def use(function: str, handler: Callable[[dict[str, Any], object], dict[str, Any]]) -> None:
    """Go down the paths that import something late: phone numbers, pages, mails."""
    if function == "submit":
        event = {
            "httpMethod": "POST",
            "resource": "/consultations",
            "headers": {"Content-Type": "application/x-www-form-urlencoded"},
            "body": "name=Robin+Example&phone=202-555-0161",
        }
        assert handler(event, Context())["statusCode"] == 422
        return
    from datetime import UTC, datetime  # noqa: PLC0415

    alerts = importlib.import_module("alerts.compose")
    leads = importlib.import_module("leads.lead")
    files = importlib.import_module("aws.runtime.files")
    lead = leads.Lead(
        id="7Q2M4XHD000000000000000000",
        received_at=datetime(2026, 11, 2, 15, 4, tzinfo=UTC),
        fingerprint="",
        name="Robin Example",
        email=None,
        phone="+12025550161",
        preferred_contact=None,
        best_time=None,
        message=None,
    )
    assert "KC-7Q2M-4XHD" in alerts.compose(lead, detail="full", clinic=files.clinic()).html


class Context:
    """What Powertools reads of Lambda's context."""

    function_name = "isolated"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:us-east-1:000000000000:function:isolated"
    aws_request_id = "isolated"


if __name__ == "__main__":
    main()
