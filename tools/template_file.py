"""Reads a template: YAML with CloudFormation's short forms."""

from typing import Any

import yaml


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms: `!Sub x` is read as `{"Fn::Sub": "x"}`, `!Ref x` as `{"Ref": "x"}`."""


def _long_form(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> dict[str, object]:
    value: object
    if isinstance(node, yaml.MappingNode):
        value = loader.construct_mapping(node, deep=True)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = node.value
    return {suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _long_form)


def read(text: str) -> dict[str, Any]:
    """Return a template as data. What an anchor names is one object in several places, and a date is a date."""
    document: dict[str, Any] = yaml.load(text, _Loader)  # noqa: S506 - a subclass of the safe loader
    return document
