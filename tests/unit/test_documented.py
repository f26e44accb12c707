"""Every shell command in the README, CONTRIBUTING and docs is run here, or checked against what it calls."""

import re
import subprocess
from collections.abc import Callable
from typing import Final

import pytest

from shared.leads.team import Recipient
from submit.http import Request
from tests.architecture.templates import read_templates
from tests.documented import PAGES, ROOT, Command, DocumentedError, call, commands, commands_of, looks
from tests.unit.web import api, document
from tools.local.ports import PortTakenError, chosen_port
from tools.operate.upgrade_check.releases import released

MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
TEMPLATE = (ROOT / "template.yaml").read_text("utf-8")


def make_has_the_target(command: Command) -> None:
    """`make -n` prints what the target would do, and fails if there is no such target."""
    done = subprocess.run(["make", "-n", *command.words[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.stderr}"
    settings = [word.partition("=")[0] for word in command.words[1:] if "=" in word]
    verbatim = re.findall(r"^VERBATIM := (.*)$", MAKEFILE, re.MULTILINE)[0].split()  # passed on by the environment
    assert [name for name in settings if f"$({name})" not in MAKEFILE and name not in verbatim] == [], (
        f"{command}: the Makefile does not use these variables"
    )
    read_by_tools = "\n".join(path.read_text("utf-8") for path in (ROOT / "tools").rglob("*.py"))
    assert [name for name in command.assigned if f'"{name}"' not in read_by_tools] == [], (
        f"{command}: no tool reads these variables"
    )


def aws_knows_the_call(command: Command) -> None:
    """Service, call, options and values are those of botocore's model; names are those of the templates."""
    made = call(command)
    for value in made.arguments.values():
        for name in re.findall(r"\bclinic-leads-[a-z-]+", str(value)):
            own = "${AWS::StackName}" + name.removeprefix("clinic-leads")
            assert own in TEMPLATE, f"{command}: template.yaml has nothing called {own}"
    for variable in re.findall(r"Environment\.Variables\.(\w+)", " ".join(command.words)):
        assert f"{variable}: " in TEMPLATE, f"{command}: template.yaml sets no {variable}"
    for output in re.findall(r"OutputKey=='(\w+)'", " ".join(command.words)):
        assert output in read_templates().main["Outputs"], f"{command}: template.yaml has no output {output}"
    if "LogicalResourceId" in made.arguments:
        assert made.arguments["LogicalResourceId"] in read_templates().main["Resources"], str(command)


def the_api_stores_what_curl_posts(command: Command) -> None:
    """The request is answered in memory as the deployed function answers it."""
    words = command.words
    headers = dict(words[i + 1].split(": ", 1) for i, word in enumerate(words) if word == "-H")
    (body,) = (words[i + 1] for i, word in enumerate(words) if word == "-d")
    (url,) = (word for word in words if word.startswith("https://"))
    sent = Request(
        method="POST",
        path=url.removeprefix("https://YOUR-API-URL"),
        headers={name.lower(): value for name, value in headers.items()},
        query={},
        body=body.encode(),
    )
    response = api().answer(sent)
    assert response.status == 201, f"{command}: {response.body}"
    assert document(response)["reference"].startswith("KC-")


def the_server_is_python_s_own(command: Command) -> None:
    """It serves a page of one's own, at the origin that `make run` allows in the same page of the docs."""
    _, option, module, port = command.words
    assert (option, module) == ("-m", "http.server"), str(command)
    assert f"make run ORIGIN=http://localhost:{port}\n" in (ROOT / command.page).read_text("utf-8"), str(command)


def the_pipe_prints_a_recipient_s_id(command: Command) -> None:
    """Run unchanged: the shell prints the id that the code derives from the address."""
    line = (ROOT / command.page).read_text("utf-8").splitlines()[command.line - 1].strip()
    printed = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == Recipient(command.words[2]).id, str(command)


def the_package_is_what_the_tools_install(command: Command) -> None:
    """The same package that tools/local/chromium.py installs for root."""
    assert command.words[:3] == ("sudo", "apt-get", "install"), str(command)
    installed = (ROOT / "tools/local/chromium.py").read_text("utf-8")
    assert [package for package in command.words[3:] if f'"{package}"' not in installed] == [], str(command)


def another_test_asks_the_sam_cli(command: Command) -> None:
    """tests/architecture/test_documented_sam.py, because the SAM CLI has an environment of its own."""
    assert (ROOT / "tests/architecture/test_documented_sam.py").is_file(), str(command)


def the_tag_is_a_release(command: Command) -> None:
    """CHANGELOG.md has the release, and says that each one is a tag. It gets a folder of its own."""
    assert command.words[:3] == ("git", "worktree", "add"), str(command)
    folder, tag = command.words[3:]
    assert tag.removeprefix("v") in released(ROOT), str(command)
    assert folder == f"../clinic-leads-{tag.removeprefix('v')}", str(command)


def the_aws_cli_reads_the_variables(command: Command) -> None:
    """They lead the commands that follow to the local AWS."""
    names = {word.partition("=")[0] for word in command.words[1:]}
    assert names == {"AWS_ENDPOINT_URL", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}


def the_folder_was_made_before(command: Command) -> None:
    """`cd` and `cp` go to the folder of another release, which the page makes just before."""
    made = re.findall(r"^git worktree add (\S+) v", (ROOT / command.page).read_text("utf-8"), re.MULTILINE)
    assert any(f"{command.words[-1]}/".startswith(f"{folder}/") for folder in made), str(command)


def the_tag_is_a_release_or_another_test_pulls(command: Command) -> None:
    """The CHANGELOG has a block that pulls. Everywhere else, git makes a folder with a release."""
    check = another_test_pulls if command.page == "CHANGELOG.md" else the_tag_is_a_release
    check(command)


def a_value_is_assigned(command: Command) -> None:
    """An assignment alone. A command inside it is checked separately."""
    assert command.assigned, str(command)


def another_test_pulls(command: Command) -> None:
    """tests/unit/test_deploy_answers.py runs the block in the CHANGELOG, in a repository of its own."""
    assert command.page == "CHANGELOG.md", str(command)


CHECKS: Final[dict[str, Callable[[Command], None]]] = {
    "=": a_value_is_assigned,
    "aws": aws_knows_the_call,
    "cd": the_folder_was_made_before,
    "cp": the_folder_was_made_before,
    "curl": the_api_stores_what_curl_posts,
    "export": the_aws_cli_reads_the_variables,
    "git": the_tag_is_a_release_or_another_test_pulls,
    "make": make_has_the_target,
    "mv": another_test_pulls,
    "python3": the_server_is_python_s_own,
    "printf": the_pipe_prints_a_recipient_s_id,
    "sam": another_test_asks_the_sam_cli,
    "sudo": the_package_is_what_the_tools_install,
}


@pytest.mark.parametrize("command", commands(), ids=str)
def test_each_documented_command_is_run_or_checked(command: Command) -> None:
    check = CHECKS.get(command.program)
    assert check, f"{command}: no test checks it. Write a check for {command.program} in tests/unit/test_documented.py"
    check(command)


def test_no_documented_command_prints_the_key_of_the_ids() -> None:
    for command in commands():
        words = " ".join(command.words)
        reads = re.search(r"lambda (?:get-function|list-functions)", words)
        changes = "update-function-configuration" in words and re.search("submit|canary|\\*", words)
        if reads or changes:
            assert re.search(r"--query Environment\.Variables\.\w+_ARN\b", words), (
                f"{command}: it prints a function's environment. Add --query Environment.Variables.NAME"
            )
        assert "ID_KEY" not in words, str(command)


def test_the_docs_have_commands_of_each_kind() -> None:
    found = commands()
    assert {command.program for command in found} >= set(CHECKS) - {"="}
    assert {command.page for command in found} >= {"README.md", "CONTRIBUTING.md", "docs/deploy.md", "docs/form.md"}


def test_a_variable_of_a_command_is_given_a_value_somewhere() -> None:
    found = commands()
    given = {name for command in found for name in command.assigned}
    used = {
        (name, str(command))
        for command in found
        for word in command.words
        for name in re.findall(r"\$\{?([A-Z_]+)", word)
    }
    assert sorted(where for name, where in used if name not in given) == []


def test_blocks_that_look_like_a_shell_s_say_so() -> None:
    programs = "|".join(sorted(set(CHECKS) - {"="}))
    unmarked = [
        f"{page.name}: {block[:60]!r}"
        for page in PAGES
        for block in re.findall(r"^ *```\n(.*?)^ *```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)
        if re.search(rf"^ *(\$ )?(sudo )?({programs}) \S", block, re.MULTILINE)
    ]
    assert unmarked == [], "begin the block with ```sh, so that its commands are checked"


# --- how commands are read --------------------------------------------------------------------------------------------


def read(text: str) -> list[Command]:
    return commands_of("page.md", f"Words.\n\n```sh\n{text}\n```\n")


def test_a_line_is_split_into_its_commands() -> None:
    (first, second) = read("make build && sam deploy --guided   # asks")
    assert (first.words, second.words) == (("make", "build"), ("sam", "deploy", "--guided"))
    assert str(second) == "page.md:4: sam deploy --guided"


def test_what_a_command_takes_from_another_is_a_command_too() -> None:
    inner, outer = read("A=$(aws sts get-caller-identity \\\n  --query Account)")
    assert inner.words == ("aws", "sts", "get-caller-identity", "--query", "Account")
    assert (outer.words, dict(outer.assigned)) == (("=",), {"A": "PRINTED"})


def test_a_loop_is_each_of_its_rounds() -> None:
    found = read('for NAME in a b; do\n  make "x-$NAME"\ndone\nmake y')
    assert [command.words for command in found] == [("make", "x-a"), ("make", "x-b"), ("make", "y")]


def test_a_pipe_is_one_command_with_what_follows() -> None:
    (command,) = read("printf '%s|' a | sed 's/;/x/'")
    assert command.words == ("printf", "%s|", "a")
    assert [each.words for each in command.pipe] == [("sed", "s/;/x/")]


def test_blocks_of_other_languages_and_indented_blocks() -> None:
    text = "1. Do:\n\n   ```sh\n   make run\n   ```\n\n```html\nmake nothing\n```\n"
    (command,) = commands_of("page.md", text)
    assert (command.words, command.line) == (("make", "run"), 4)


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ("aws dynamo scan --table-name t", "no service dynamo"),
        ("aws dynamodb scann --table-name t", "no scann"),
        ("aws dynamodb scan --table t", "has no --table"),
        ("aws dynamodb scan", "needs ['TableName']"),
        ("aws dynamodb scan --table-name t --expression-attribute-values '{'", "is no map"),
        ("aws dynamodb scan --table-name t --limit many", "is no integer"),
        ("aws dynamodb scan --table-name t --select some", "is one of"),
        ("aws dynamodb scan --table-name t --query Things[0]", "the response of Scan has no Things"),
        ("aws dynamodb scan --table-name t file", "has no file"),
        ("aws sts get-caller-identity --output xml", "no output xml"),
    ],
)
def test_a_call_that_aws_does_not_know_is_noticed(words: str, problem: str) -> None:
    (command,) = read(words)
    with pytest.raises(DocumentedError, match=re.escape(problem)):
        call(command)


def test_an_option_without_a_value_is_yes_or_no() -> None:
    on, off = read(
        "aws dynamodb update-table --table-name t --deletion-protection-enabled\n"
        "aws dynamodb update-table --table-name t --no-deletion-protection-enabled"
    )
    assert call(on).arguments == {"TableName": "t", "DeletionProtectionEnabled": True}
    assert call(off).arguments == {"TableName": "t", "DeletionProtectionEnabled": False}


def test_the_documented_looks_at_the_table_are_those_that_are_tried_on_the_local_aws() -> None:
    by_reference, whole = looks(table="made-up")
    assert {look["TableName"] for look in (by_reference, whole)} == {"made-up"}
    assert by_reference["ExpressionAttributeValues"] == {":r": {"S": "KC-7Q2M-4XHD"}}
    assert whole["ExpressionAttributeValues"] == {":pk": {"S": "LEAD#..."}}


def test_no_document_recommends_to_scan_the_table() -> None:
    found = [str(command) for command in commands() if command.words[:3] == ("aws", "dynamodb", "scan")]
    assert found == [], "a scan reads everybody's health data, and nothing records who saw it: point to the desk"


# --- ports ------------------------------------------------------------------------------------------------------------


def documented_ports() -> dict[str, int]:
    guide = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    return {name: int(port) for name, port in re.findall(r"^\| `(\w+_PORT)` \| (\d+) \|", guide, re.MULTILINE)}


def test_the_documented_ports_are_those_of_make_run() -> None:
    source = (ROOT / "tools/local/run.py").read_text("utf-8")
    used = {name: int(port) for name, port in re.findall(r'chosen_port\("(\w+)", (\d+)\)', source)}
    assert documented_ports() == used, "edit the table of ports in CONTRIBUTING.md"
    readme = (ROOT / "README.md").read_text("utf-8")
    assert f"http://127.0.0.1:{used['SITE_PORT']}" in readme
    assert f"http://127.0.0.1:{used['MAILBOX_PORT']}" in readme
    assert f"port {used['AWS_PORT']}" in readme


@pytest.mark.enable_socket
@pytest.mark.parametrize("variable", documented_ports())
def test_a_port_is_changed_by_its_variable(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (command,) = (each for each in commands() if each.words == ("make", "run") and each.assigned)
    monkeypatch.setenv(variable, "not a port")
    with pytest.raises(PortTakenError, match=variable):
        chosen_port(variable, documented_ports()[variable])
    assert variable in command.assigned
