"""Each Lambda has one folder, shared/ has what several use, and submit ships only what intake needs."""

from pathlib import Path

import pytest

from tests.architecture.source import lambda_folders, modules, reached
from tests.architecture.templates import FUNCTIONS, read_templates

LAMBDAS = sorted(lambda_folders())
# A module in these folders may be used by one Lambda.
SUBJECTS = {"store", "services", "text"}
# The rules about leads stay together, so the decisions of the desk are not in its folder.
OF_THE_DESK = {Path(f"shared/leads/{name}.py") for name in ("consent", "desk", "hold", "person")}
# Modules about stored leads. Intake puts one item and needs none of these.
NOT_FOR_INTAKE = {
    *("alert", "consequences", "decisions", "event", "history", "link", "notice", "response", "spam", "team"),
    *("worklist", "desk_list"),
}


def test_each_lambda_has_a_folder_and_each_folder_a_lambda() -> None:
    deployed = {function.service for function in read_templates().functions()}
    folders = {path.name for path in FUNCTIONS.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert deployed == set(LAMBDAS), (
        f"template.yaml and the handlers in functions/ differ in {sorted(deployed ^ set(LAMBDAS))};"
        " add the function's section to template.yaml, or its folder with handler.py"
    )
    others = sorted(folders ^ {*LAMBDAS, "shared"})
    assert not others, f"functions/ may have a folder for each Lambda and shared, but differs in {others}"


@pytest.mark.parametrize("module", [each for each in modules() if each.parts[0] == "shared"], ids=str)
def test_a_shared_module_is_used_by_several_lambdas(module: Path) -> None:
    if module.name == "__init__.py" or module.parts[1] in SUBJECTS or module in OF_THE_DESK:
        return
    users = [name for name in LAMBDAS if module in reached(name)]
    assert len(users) > 1, (
        f"functions/{module} is used by {users or 'no Lambda'} alone; move it to that Lambda's folder, or delete it"
    )


@pytest.mark.parametrize("module", [each for each in modules() if each.parts[0] == "shared"], ids=str)
def test_no_unused_module_ships(module: Path) -> None:
    assert any(module in reached(name) for name in LAMBDAS), f"functions/{module} is used by no Lambda; delete it"


def test_submit_ships_no_state_machine_no_spam_screen_and_no_leases() -> None:
    shipped = reached("submit")
    domain = {module.stem for module in shipped if module.parts[:2] == ("shared", "leads")}
    assert not domain & NOT_FOR_INTAKE, f"submit must not reach {sorted(domain & NOT_FOR_INTAKE)} of shared/leads/"
    assert not {module for module in shipped if module.parts[:2] == ("shared", "messages")}
    store = {module.stem for module in shipped if module.parts[:2] == ("shared", "store")} - {"__init__"}
    assert store == {"first_try", "intake", "intake_sdk", "keys", "lead_item", "typed"}, (
        f"submit must not reach more of shared/store: {store}"
    )


def test_the_digest_lives_where_it_is_sent() -> None:
    digest = {module for module in modules() if "digest" in str(module)}
    assert {module.parts[:2] for module in digest} == {("follow_up", "digest")}


def test_an_intake_module_that_reaches_further_is_noticed() -> None:
    assert Path("shared/leads/alert.py") in reached("notify")
    assert {module.stem for module in reached("notify")} >= NOT_FOR_INTAKE
