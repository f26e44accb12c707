"""Expand a SAM template as CloudFormation does: `python sam_transform.py TEMPLATE OUTPUT`.

The SAM CLI's own Python runs this (see test_lint.py), so the translator is the one that `sam validate` uses. The SAM
CLI pins old libraries, so it stays out of the project's environment.
"""

import json
import sys
from pathlib import Path

from samtranslator.translator.transform import transform  # type: ignore[import-not-found] # not in our environment
from samtranslator.yaml_helper import yaml_parse  # type: ignore[import-not-found] # the same

# `sam package` uploads local files into a bucket. The translator accepts no local paths.
_CODE = "s3://bucket/code.zip"
_TEMPLATE = "https://s3.amazonaws.com/bucket/template.yaml"


class _NoManagedPolicies:
    """AWS's policies by their short names, which our templates do not use."""

    def load(self) -> dict[str, str]:
        return {}


def _package(template: dict[str, dict[str, dict[str, dict[str, str]]]]) -> None:
    template["Globals"]["Function"]["CodeUri"] = _CODE  # type: ignore[assignment] # the type is that of Resources
    for resource in template["Resources"].values():
        properties = resource["Properties"]
        for name, packaged in (("CodeUri", _CODE), ("ContentUri", _CODE), ("TemplateURL", _TEMPLATE)):
            if name in properties:
                properties[name] = packaged


source, output = map(Path, sys.argv[1:])
document = yaml_parse(source.read_text(encoding="utf-8"))
_package(document)
output.write_text(json.dumps(transform(document, {}, _NoManagedPolicies())), encoding="utf-8")
