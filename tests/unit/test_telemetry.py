"""shared.runtime.telemetry: an error is logged by its type and place, never with the text it quotes."""

import json
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.runtime.telemetry import UnexpectedError, alert_metrics, entry_point, logger, metrics, sanitized
from tests.unit.output import everything_printed
from tests.unit.words import CANARY

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@dataclass(slots=True)
class _Context:
    function_name: str = "submit"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:000000000000:function:submit"
    aws_request_id: str = "made-up-request"


CONTEXT = cast("LambdaContext", _Context())


def caught(error: Exception) -> Exception:
    try:
        raise error  # noqa: TRY301 - to have a traceback
    except Exception as raised:  # noqa: BLE001 - any kind is given
        return raised


@given(
    kind=st.sampled_from([ValueError, KeyError, RuntimeError, OSError, UnicodeError]),
    words=st.text(max_size=20).map(lambda text: text + CANARY),
)
def test_a_sanitized_error_never_has_the_words_of_the_first(kind: type[Exception], words: str) -> None:
    error = caught(kind(words))
    error.add_note(CANARY)
    safe = sanitized(error)
    assert CANARY not in f"{safe} {safe!r} {safe.args} {vars(safe)}"
    assert str(safe).startswith(f"{kind.__name__} at test_telemetry.py:")


def test_a_sanitized_error_tells_the_way_to_where_it_happened_innermost_first() -> None:
    def inner() -> None:
        raise KeyError(CANARY)

    try:
        inner()
    except KeyError as error:
        places = str(sanitized(error)).removeprefix("KeyError at ").split(" < ")
    assert len(places) == 2
    lines = [int(place.removeprefix("test_telemetry.py:")) for place in places]
    assert lines[0] < lines[1]


def test_a_deep_error_names_five_places() -> None:
    def deeper(depth: int) -> None:
        if not depth:
            raise ValueError(CANARY)
        deeper(depth - 1)

    with pytest.raises(ValueError, match=CANARY) as deep:
        deeper(20)
    assert str(sanitized(deep.value)).count("<") == 4


def test_an_error_that_was_never_raised_is_told_by_its_type() -> None:
    assert str(sanitized(ValueError(CANARY))).startswith("ValueError")


@entry_point
def breaks(event: dict[str, Any], context: "LambdaContext") -> None:  # noqa: ARG001 - Lambda's signature
    metrics.add_metric("Tried", "Count", 1)
    try:
        raise KeyError(f"first {event['body']}")  # noqa: TRY301 - to be the cause of the second
    except KeyError as error:
        raise ValueError(f"second {event['body']}") from error


@entry_point
def works(event: dict[str, Any], context: "LambdaContext") -> str:  # noqa: ARG001 - Lambda's signature
    metrics.add_metric("Worked", "Count", 1)
    logger.append_keys(lead_id=event["lead"])
    logger.info("worked")
    return "answer"


def test_an_error_leaves_a_handler_without_what_it_quotes() -> None:
    with everything_printed() as output, pytest.raises(UnexpectedError) as raised:
        breaks({"body": CANARY}, CONTEXT)
    printed = "".join(traceback.format_exception(raised.value))
    assert CANARY not in printed
    assert "ValueError at test_telemetry.py:" in printed
    assert CANARY not in output.getvalue()
    assert "invocation failed" in output.getvalue()


def test_metrics_are_written_even_when_the_handler_fails() -> None:
    with everything_printed() as output, pytest.raises(UnexpectedError):
        breaks({"body": ""}, CONTEXT)
    assert [line["Tried"] for line in map(json.loads, output.getvalue().splitlines()) if "Tried" in line] == [[1.0]]


def test_a_handler_answers_and_each_line_has_the_request_id() -> None:
    with everything_printed() as output:
        assert works({"lead": "a", "body": CANARY}, CONTEXT) == "answer"
    lines = [json.loads(line) for line in output.getvalue().splitlines()]
    assert [line["Worked"] for line in lines if "Worked" in line] == [[1.0]]
    assert [line["function_request_id"] for line in lines if "message" in line] == ["made-up-request"]
    assert CANARY not in output.getvalue()


def test_keys_of_one_invocation_are_not_on_the_lines_of_the_next() -> None:
    works({"lead": "first"}, CONTEXT)

    @entry_point
    def plain(event: dict[str, Any], context: "LambdaContext") -> None:  # noqa: ARG001 - Lambda's signature
        metrics.add_metric("Worked", "Count", 1)
        logger.info("plain")

    with everything_printed() as output:
        plain({}, CONTEXT)
    assert "plain" in output.getvalue()
    assert "first" not in output.getvalue()


@entry_point
def alerts(event: dict[str, Any], context: "LambdaContext") -> None:  # noqa: ARG001 - Lambda's signature
    alert_metrics.add_metric("AlertsTried", "Count", 1)
    if event["fails"]:
        raise ValueError(CANARY)


def emitted_lines(output: str) -> list[dict[str, Any]]:
    return [line for line in map(json.loads, output.splitlines()) if "_aws" in line]


@pytest.mark.parametrize("fails", [False, True])
def test_metrics_about_alerts_have_one_service(*, fails: bool) -> None:
    for _ in range(2):  # one invocation's counts are not counted again in the next
        with everything_printed() as output:
            try:
                alerts({"fails": fails}, CONTEXT)
            except UnexpectedError:
                assert fails
        (line,) = emitted_lines(output.getvalue())
        (about,) = line["_aws"]["CloudWatchMetrics"]
        assert (about["Namespace"], about["Dimensions"], line["service"]) == (
            metrics.namespace,
            [["service"]],
            "alerts",
        )
        assert line["AlertsTried"] == [1.0]


def test_an_invocation_that_counts_both_emits_them_apart() -> None:
    @entry_point
    def both(event: dict[str, Any], context: "LambdaContext") -> None:  # noqa: ARG001 - Lambda's signature
        metrics.add_metric("Worked", "Count", 1)
        alert_metrics.add_metric("AlertsTried", "Count", 1)

    with everything_printed() as output:
        both({}, CONTEXT)
    own, of_alerts = emitted_lines(output.getvalue())
    assert (of_alerts["service"], of_alerts["AlertsTried"]) == ("alerts", [1.0])
    assert "Worked" not in of_alerts
    assert own["Worked"] == [1.0]
    assert own["service"] == metrics.service != "alerts"
    assert "AlertsTried" not in own


def test_an_invocation_that_counts_no_alert_emits_nothing_about_alerts() -> None:
    with everything_printed() as output:
        works({"lead": "a"}, CONTEXT)
    assert [line["service"] for line in emitted_lines(output.getvalue())] == [metrics.service]
