"""CloudWatch's alarms as AWS documents them. The local AWS mixes the points of all metrics together.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

# How many points CloudWatch looks at beyond EvaluationPeriods, to replace missing ones. AWS does not document the
# number; the examples on its page use two.
LOOKS_BACK: Final = 2

_STATISTICS: Final[Mapping[str, Callable[[Sequence[float]], float]]] = {"Sum": sum, "Maximum": max}
_BREACHES: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "GreaterThanThreshold": lambda value, threshold: value > threshold,
    "GreaterThanOrEqualToThreshold": lambda value, threshold: value >= threshold,
    "LessThanThreshold": lambda value, threshold: value < threshold,
}
_MISSING: Final = {"breaching": True, "notBreaching": False}


@dataclass(frozen=True, slots=True)
class Metric:
    """The metric that a value belongs to. CloudWatch treats the same name with other dimensions as another metric."""

    namespace: str
    name: str
    dimensions: frozenset[tuple[str, str]]

    @property
    def service(self) -> str | None:
        """The function it is about, if it is one of our own metrics."""
        return dict(self.dimensions).get("service")


@dataclass(frozen=True, slots=True)
class Datum:
    """One published value."""

    metric: Metric
    at: datetime
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """An alarm, and the rule that decides when it is in the state ALARM."""

    name: str
    metric: Metric
    statistic: str
    period: timedelta
    evaluation_periods: int
    datapoints_to_alarm: int
    threshold: float
    comparison: str
    missing: str

    @classmethod
    def of(cls, described: Mapping[str, Any]) -> "Alarm":
        """Return the alarm that DescribeAlarms describes."""
        dimensions = frozenset((each["Name"], each["Value"]) for each in described.get("Dimensions", []))
        return cls(
            name=described["AlarmName"],
            metric=Metric(described["Namespace"], described["MetricName"], dimensions),
            statistic=described["Statistic"],
            period=timedelta(seconds=described["Period"]),
            evaluation_periods=described["EvaluationPeriods"],
            datapoints_to_alarm=described.get("DatapointsToAlarm", described["EvaluationPeriods"]),
            threshold=described["Threshold"],
            comparison=described["ComparisonOperator"],
            missing=described["TreatMissingData"],
        )

    def sees(self, looks_back: int = LOOKS_BACK) -> timedelta:
        """Return the age of the oldest value that may count."""
        return self.period * (self.evaluation_periods + looks_back)

    def rings(self, data: Iterable[Datum], now: datetime, looks_back: int = LOOKS_BACK) -> bool:
        """Whether the alarm's state is ALARM at `now`. Raises KeyError for settings that this class does not know."""
        points = self._points([datum for datum in data if datum.metric == self.metric], now, looks_back)
        breaches = _BREACHES[self.comparison]
        # Published points count first, the newest first. Missing points only fill what is left.
        judged = [breaches(point, self.threshold) for point in points if point is not None][: self.evaluation_periods]
        judged += [_MISSING[self.missing]] * (self.evaluation_periods - len(judged))
        return sum(judged) >= self.datapoints_to_alarm

    def _points(self, data: Sequence[Datum], now: datetime, looks_back: int) -> list[float | None]:
        periods: list[list[float]] = [[] for _ in range(self.evaluation_periods + looks_back)]
        for datum in data:
            age = (now - datum.at) // self.period
            if 0 <= age < len(periods):
                periods[age].append(datum.value)
        return [_STATISTICS[self.statistic](values) if values else None for values in periods]


def emitted(line: str) -> list[Datum]:
    """Return what CloudWatch reads in a log line: nothing, or metrics in its embedded format.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    """
    if not line.startswith('{"_aws"'):
        return []
    record = json.loads(line)
    at = datetime.fromtimestamp(record["_aws"]["Timestamp"] / 1000, UTC)
    return [
        Datum(Metric(each["Namespace"], metric["Name"], frozenset((name, record[name]) for name in names)), at, value)
        for each in record["_aws"]["CloudWatchMetrics"]
        for names in each["Dimensions"]
        for metric in each["Metrics"]
        for value in _values(record[metric["Name"]])
    ]


def _values(value: Any) -> list[float]:  # noqa: ANN401 - a number or several
    return [float(each) for each in (value if isinstance(value, list) else [value])]
