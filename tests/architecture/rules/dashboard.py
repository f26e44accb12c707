"""Read a dashboard's body: CloudWatch lets a line repeat parts of the line above by dots."""

import json
from collections.abc import Iterator

from tests.architecture.templates import Tree


def dashboard_metrics(body: str) -> Iterator[tuple[str, str, Tree]]:
    """Yield namespace, name and dimensions of each metric on a dashboard. `${X}` stays as it is: it is valid JSON text.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
    """
    for widget in json.loads(body)["widgets"]:
        above: list[str] = []
        for row in widget["properties"].get("metrics", []):
            parts = [part for part in row if isinstance(part, str)]  # the last part may be options
            if "..." in parts:
                at = parts.index("...")
                given = parts[at + 1 :]
                parts = [*parts[:at], *above[at : len(above) - len(given)], *given]
            above = [above[index] if part == "." else part for index, part in enumerate(parts)]
            namespace, metric, *dimensions = above
            yield namespace, metric, dict(zip(dimensions[::2], dimensions[1::2], strict=True))
