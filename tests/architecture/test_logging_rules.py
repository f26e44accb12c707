from pathlib import Path

import pytest

from tests.architecture.logging_rules import wrong_logging
from tests.architecture.source import modules
from tests.architecture.templates import FUNCTIONS

CAUGHT = "try:\n    f()\nexcept Exception as error:\n    logger.error('failed', extra={'error': %s})"


@pytest.mark.parametrize("module", modules(), ids=str)
def test_nothing_a_visitor_wrote_is_logged(module: Path) -> None:
    found = wrong_logging(f"functions/{module}", (FUNCTIONS / module).read_text(encoding="utf-8"))
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize(
    "line",
    [
        "print(fields)",
        "logger.exception('failed')",
        "logger.error('failed', exc_info=True)",
        "logger.error('failed', stack_info=True)",
        "logger.info(f'stored {name}')",
        "logger.info('stored %s', name)",
        "logger.info('stored %s' % name)",
        "logger.info('stored {}'.format(name))",
        "logger.info('stored ' + name)",
        "logger.info(error)",
        "logger.info(fields)",
        "logger.info('stored', name=name)",
        "logger.info('stored', extra={'name': name})",
        "logger.info('stored', extra={name: 1})",
        "logger.info('stored', extra=fields)",
        "logger.info('stored', extra={**fields})",
        "logger.append_keys(name=name)",
        "logger.append_keys(**fields)",
        "logger.append_keys(fields)",
        "logger.append_context_keys(lead_id=name)",
        "logger.log(20, name)",
        "handler = logger.inject_lambda_context(log_event=True)",
        "traceback.print_exc()",
        "import logging",
        "from logging import getLogger",
        "from aws_lambda_powertools import Tracer",
        "metrics.add_metric(name, 'Count', 1)",
        "metrics.add_metric(f'Stored{name}', 'Count', 1)",
        "metrics.add_metric('Stored' if new else name, 'Count', 1)",
        "metrics.add_dimension('name', name)",
        "metrics.add_metadata('name', name)",
        "details = {'reason': 1}; details['name'] = name; logger.info('stored', extra={**details})",
    ],
)
def test_a_line_that_may_quote_a_visitor_is_noticed(line: str) -> None:
    assert wrong_logging("here", line)
    assert wrong_logging("here", f"def f(name, fields):\n    {line}")


@pytest.mark.parametrize(
    "line",
    [
        "key = os.environ['ID_KEY']",
        "key = os.getenv('ID_KEY')",
        "from os import environ; key = environ['ID_KEY']",
        "logger.info('started', extra={'reason': settings})",
        "logger.info('started', extra={'reason': environment()})",
        "logger.info('started', extra={'reason': self.settings.id_key})",
        "logger.append_keys(reason=_settings)",
        "raise ValueError(settings)",
        "raise ValueError(f'not set: {environment()}')",
        "text = f'{settings}'",
        "text = repr(settings)",
        "text = str(settings.id_key)",
        "text = json.dumps(settings.model_dump())",
        "text = settings.model_dump_json()",
        "key = settings.id_key.get_secret_value()",
        "logger.info('started', extra={'reason': settings.id_key.get_secret_value()})",
    ],
)
def test_a_line_that_may_print_a_key_is_noticed(line: str) -> None:
    assert wrong_logging("here", line)
    assert wrong_logging("here", f"def f(settings):\n    {line}")


def test_only_the_ids_get_the_value_of_their_key() -> None:
    assert not wrong_logging("here", "ids = LeadIds(settings.id_key.get_secret_value())")
    assert wrong_logging("here", "ids = Others(settings.id_key.get_secret_value())")


@pytest.mark.parametrize("logged", ["error", "str(error)", "repr(error)", "[error]", "error.args", "error.response"])
def test_an_exception_logged_as_it_is_is_noticed(logged: str) -> None:
    assert wrong_logging("here", CAUGHT % logged)


@pytest.mark.parametrize(
    "line",
    [
        "logger.info('stored')",
        "logger.info('stored', extra={'lead_id': lead.id})",
        "details = {'reason': 1}; details['message_id'] = 2; logger.info('sent', extra={'lead_id': 3, **details})",
        "metrics.add_metric('Stored' if new else 'Repeated', 'Count', 1)",
        "logger.append_keys(lead_id=lead.id); logger.remove_keys(['lead_id'])",
    ],
)
def test_static_words_and_known_fields_pass(line: str) -> None:
    assert not wrong_logging("here", f"def f():\n    {line}")


@pytest.mark.parametrize("logged", ["str(sanitized(error))", "error.reason"])
def test_a_sanitized_exception_passes(logged: str) -> None:
    assert not wrong_logging("here", CAUGHT % logged)
