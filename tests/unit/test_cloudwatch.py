"""tests/cloudwatch.py evaluates AWS's own examples as AWS documents them."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.cloudwatch import Alarm, Datum, Metric, emitted

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
METRIC = Metric("clinic-leads", "AlertsRefused", frozenset({("service", "notify")}))
ALARM = Alarm(
    name="example",
    metric=METRIC,
    statistic="Sum",
    period=5 * MINUTE,
    evaluation_periods=3,
    datapoints_to_alarm=3,
    threshold=1,
    comparison="GreaterThanOrEqualToThreshold",
    missing="notBreaching",
)


def points(picture: str, period: timedelta = 5 * MINUTE) -> list[Datum]:
    """Return the data in AWS's pictures: oldest first, X is a breach, 0 is none, - is missing."""
    newest_first = enumerate(reversed(picture.split()))
    return [Datum(METRIC, NOW - period * (age + 0.5), float(it == "X")) for age, it in newest_first if it != "-"]


@pytest.mark.parametrize(
    ("picture", "datapoints", "breaching", "not_breaching"),
    [
        # The page's first table: 3 of 3, looking at 5.
        ("0 - X - X", 3, False, False),
        ("0 - - - -", 3, False, False),
        ("- - - - -", 3, True, False),
        ("0 X X - X", 3, True, True),
        ("- - X - -", 3, True, False),
        # The second: 2 of 3.
        ("0 - X - X", 2, True, True),
        ("0 0 X 0 X", 2, True, True),
        ("0 - X - -", 2, True, False),
        ("- - - - 0", 2, True, False),
        ("- - - X -", 2, True, False),
    ],
)
def test_missing_data_are_treated_as_the_examples_of_aws_say(
    picture: str, datapoints: int, *, breaching: bool, not_breaching: bool
) -> None:
    alarm = replace(ALARM, datapoints_to_alarm=datapoints)
    assert replace(alarm, missing="breaching").rings(points(picture), NOW) is breaching
    assert replace(alarm, missing="notBreaching").rings(points(picture), NOW) is not_breaching


def test_another_name_namespace_or_dimension_is_another_metric() -> None:
    alarm = replace(ALARM, evaluation_periods=1, datapoints_to_alarm=1)
    for other in (
        replace(METRIC, name="AlertsBlocked"),
        replace(METRIC, namespace="clinic-leads-production"),
        replace(METRIC, dimensions=frozenset({("service", "follow_up")})),
        replace(METRIC, dimensions=frozenset()),
        replace(METRIC, dimensions=METRIC.dimensions | {("region", "us-east-1")}),
    ):
        assert not alarm.rings([Datum(other, NOW - MINUTE, 1)], NOW)
    assert alarm.rings([Datum(METRIC, NOW - MINUTE, 1)], NOW)


def test_values_of_one_period_are_one_point() -> None:
    two = [Datum(METRIC, NOW - MINUTE, 400), Datum(METRIC, NOW - 2 * MINUTE, 300)]
    alarm = replace(ALARM, evaluation_periods=1, datapoints_to_alarm=1, threshold=600)
    assert alarm.rings(two, NOW)
    assert not replace(alarm, statistic="Maximum").rings(two, NOW)
    assert not alarm.rings([replace(two[0], at=NOW - 6 * MINUTE), two[1]], NOW)


@pytest.mark.parametrize(
    ("comparison", "at_the_threshold", "above", "below"),
    [
        ("GreaterThanOrEqualToThreshold", True, True, False),
        ("GreaterThanThreshold", False, True, False),
        ("LessThanThreshold", False, False, True),
    ],
)
def test_comparisons(comparison: str, *, at_the_threshold: bool, above: bool, below: bool) -> None:
    alarm = replace(ALARM, evaluation_periods=1, datapoints_to_alarm=1, comparison=comparison)
    for value, expected in ((1, at_the_threshold), (2, above), (0, below)):
        assert alarm.rings([Datum(METRIC, NOW - MINUTE, value)], NOW) is expected


def test_an_alarm_ends_only_once_its_last_real_point_is_out_of_sight() -> None:
    alarm = replace(ALARM, evaluation_periods=1, datapoints_to_alarm=1)
    data = [Datum(METRIC, NOW, 1)]
    assert [alarm.rings(data, NOW + minutes * MINUTE) for minutes in (0, 4, 14, 15)] == [True, True, True, False]
    assert [alarm.rings(data, NOW + minutes * MINUTE, looks_back=0) for minutes in (0, 4, 5)] == [True, True, False]
    assert alarm.sees() == timedelta(minutes=15)


def test_an_alarm_is_read_from_describe_alarms() -> None:
    described = {
        "AlarmName": "example",
        "Namespace": "clinic-leads",
        "MetricName": "AlertsRefused",
        "Dimensions": [{"Name": "service", "Value": "notify"}],
        "Statistic": "Sum",
        "Period": 300,
        "EvaluationPeriods": 3,
        "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "notBreaching",
    }
    assert Alarm.of(described) == ALARM  # without M, all N count
    assert Alarm.of(described | {"DatapointsToAlarm": 2}) == replace(ALARM, datapoints_to_alarm=2)


def test_a_line_in_the_embedded_metric_format_is_read() -> None:
    about = {
        "Namespace": "clinic-leads",
        "Dimensions": [["service"]],
        "Metrics": [{"Name": "AlertsRefused", "Unit": "Count"}],
    }
    record = {
        "_aws": {"Timestamp": int(NOW.timestamp() * 1000), "CloudWatchMetrics": [about]},
        "service": "notify",
        "AlertsRefused": [1.0, 2.0],
    }
    assert emitted(json.dumps(record)) == [Datum(METRIC, NOW, 1), Datum(METRIC, NOW, 2)]
    assert emitted('{"level": "INFO", "message": "a line of the log"}') == []
