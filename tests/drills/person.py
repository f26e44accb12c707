"""A made-up person whose traces nobody else has, so that a full scan can look for them."""

import json
import re
from collections.abc import Mapping
from typing import Any

from tests.deployed import Deployed, submission
from tests.drills.drill import Drill


def a_person(drill: Drill) -> tuple[dict[str, object], str]:
    """Let somebody send a request. Return its fields and its reference."""
    sent = submission()
    sent["name"] = f"Robin {str(sent['submission_id'])[:8]} Example"  # nobody else's
    answer = drill.deployed.post_json(sent)
    assert answer.status == 201, answer.body
    return sent, str(answer.document["reference"])


def found(deployed: Deployed, sent: Mapping[str, object]) -> list[str]:
    """Return the keys of all items in which something of the person is, orders that are not proven aside."""
    traces = {str(sent[name]).lower() for name in ("email", "message", "name")}
    number = re.sub(r"\D", "", str(sent["phone"]))

    def has_it(item: dict[str, Any]) -> bool:
        text = json.dumps(item, default=list).lower()
        return any(trace in text for trace in traces) or number in re.sub(r"[ ().+-]", "", text)

    items = [item for item in deployed.items() if item["pk"] != {"S": "ERASURES"}]
    return [str(item["pk"]["S"]) for item in items if has_it(item)]
