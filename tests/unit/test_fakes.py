"""The fakes stand for the real table and mailer only as long as they look the same."""

import inspect
from collections.abc import Callable

import pytest

from shared.services.mailer import Mailer, SesMailer
from shared.services.turnstile import Turnstile, Verifier
from shared.store.table import LeadTable
from tests.unit.fakes import FakeLeadTable, FakeMailer, FakeVerifier


def _methods(kind: type) -> dict[str, Callable[..., object]]:
    return {name: value for name, value in vars(kind).items() if inspect.isfunction(value) and not name.startswith("_")}


def _signature(method: Callable[..., object]) -> list[tuple[str, object, object]]:
    return [(p.name, p.kind, p.default) for p in inspect.signature(method).parameters.values()]


def test_the_fake_table_has_each_method_of_the_real_one_and_inherits_none() -> None:
    assert set(_methods(LeadTable)) <= set(_methods(FakeLeadTable))
    assert _methods(LeadTable)


@pytest.mark.parametrize("name", sorted(_methods(LeadTable)))
def test_a_method_of_the_fake_table_takes_what_the_real_one_takes(name: str) -> None:
    assert _signature(_methods(FakeLeadTable)[name]) == _signature(_methods(LeadTable)[name])


@pytest.mark.parametrize("kind", [SesMailer, FakeMailer])
def test_mailers_take_what_the_port_says(kind: type) -> None:
    assert _signature(_methods(kind)["send"]) == _signature(Mailer.send)


@pytest.mark.parametrize("kind", [Turnstile, FakeVerifier])
def test_verifiers_take_what_the_port_says(kind: type) -> None:
    assert _signature(_methods(kind)["verify"]) == _signature(Verifier.verify)
