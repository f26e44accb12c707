"""The fakes have the same methods and parameters as the real table and mailer."""

import inspect
from collections.abc import Callable

import pytest

from shared.services.mailer import Mailer, SesMailer
from shared.services.turnstile import Turnstile, Verifier
from shared.store.leads import Leads
from tests.unit.fakes import FakeMailer, FakeVerifier, MemoryLeads


def _methods(kind: type) -> dict[str, Callable[..., object]]:
    return {name: value for name, value in vars(kind).items() if inspect.isfunction(value) and not name.startswith("_")}


def _signature(method: Callable[..., object]) -> list[tuple[str, object, object]]:
    return [(p.name, p.kind, p.default) for p in inspect.signature(method).parameters.values()]


@pytest.mark.parametrize("name", ["read", "change", "agenda"])
def test_the_table_in_memory_has_the_real_ones_parameters(name: str) -> None:
    assert _signature(_methods(MemoryLeads)[name]) == _signature(_methods(Leads)[name]), (
        f"give MemoryLeads.{name} in tests/unit/fakes.py the parameters of Leads.{name}"
    )


@pytest.mark.parametrize("kind", [SesMailer, FakeMailer])
def test_mailers_have_the_port_s_parameters(kind: type) -> None:
    assert _signature(_methods(kind)["send"]) == _signature(Mailer.send), (
        f"give {kind.__name__}.send the parameters of Mailer.send"
    )


@pytest.mark.parametrize("kind", [Turnstile, FakeVerifier])
def test_verifiers_have_the_port_s_parameters(kind: type) -> None:
    assert _signature(_methods(kind)["verify"]) == _signature(Verifier.verify), (
        f"give {kind.__name__}.verify the parameters of Verifier.verify"
    )
