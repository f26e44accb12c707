"""The golden events: what AWS sends for each trigger, one JSON file each, with made-up people and ids.

Their shapes are those of AWS's documentation, not recorded from an account:
https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html (api_*.json)
https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html (stream_*.json)
https://docs.aws.amazon.com/lambda/latest/dg/with-eventbridge-scheduler.html (schedule_*.json)
https://docs.aws.amazon.com/ses/latest/dg/monitoring-eventbridge.html (ses_*.json)
"""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "events"
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))


def golden(name: str) -> dict[str, Any]:
    """Return a fresh copy of a golden event by its file's name without ".json"."""
    event: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return event


def service_of(name: str) -> str:
    """Return the folder in functions/ of the handler that gets a golden event."""
    kind, _, rest = name.partition("_")
    match kind:
        case "api":
            return rest.partition("_")[0]
        case "schedule":
            return rest
        case "stream":
            return "webhook" if rest == "changed_leads" else "notify"
        case "ses":
            return "delivery"
    raise ValueError(f"tests/events/{name}.json: begin its name with api_SERVICE_, schedule_, stream_ or ses_")
