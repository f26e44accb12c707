"""tools.deploy.answers: a file with answers is read, or an error says what to do."""

import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.unit.deploying import Person
from tools.deploy.answers import Answers, decoded, encoded, overrides
from tools.deploy.errors import DeployError
from tools.deploy.run import Options, deploy
from tools.deploy.template import ROOT


@given(st.text())
@example('\\"')
@example("'a b'")
@example("\\ ")
def test_a_value_survives_what_the_sam_cli_does_to_it(value: str) -> None:
    assert decoded(encoded(value)) == value


@pytest.mark.parametrize("value", ["(202) 555-0143", "a@example.com,b@example.com", "o'brien@example.com", ""])
def test_a_usual_value_is_written_as_it_is(value: str) -> None:
    assert encoded(value) == value


@given(
    st.recursive(
        st.text() | st.integers() | st.none(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_anything_in_a_file_can_be_read(value: object) -> None:
    list(overrides(value))


def test_no_file_is_no_answers(tmp_path: Path) -> None:
    saved = Answers(tmp_path / "samconfig.toml").of(None)
    assert (saved.environment, saved.stack, saved.values) == ("default", None, {})


@pytest.mark.parametrize("content", [b"version = ", b"\xff\xfe", b"[default\n"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "samconfig.toml"
    file.write_bytes(content)
    with pytest.raises(DeployError, match=r"Mend the file, or rename it"):
        Answers(file).of(None)
    assert file.read_bytes() == content


@pytest.mark.parametrize(
    "content", ["default = 1", "[default]\ndeploy = []", "[default.deploy]\nparameters = 2", "[[default]]\nx = 1"]
)
def test_a_file_with_other_things_has_no_answers(tmp_path: Path, content: str) -> None:
    file = tmp_path / "samconfig.toml"
    file.write_text(content)
    assert Answers(file).of("clinic-leads").values == {}


@pytest.mark.parametrize(
    "content",
    [
        *(None, b"", b"[", b"default: [", b"version: 0.1", b"default:", b"default: 1", b"\xff"),
        *(b"default: {deploy: {}}", b"default: {deploy: {parameters: }}", b"default: {deploy: {parameters: [x]}}"),
    ],
)
def test_what_every_stack_needs_is_looked_at_before_any_question(tmp_path: Path, content: bytes | None) -> None:
    defaults, person = tmp_path / "samconfig.yaml", Person([])
    if content is not None:
        defaults.write_bytes(content)
    answers = Answers(tmp_path / "samconfig.toml", defaults)
    told = r"^samconfig\.yaml cannot be read\. Restore it: git checkout samconfig\.yaml$"
    with pytest.raises(DeployError, match=told):
        deploy(Options(), answers, person.terminal)
    assert not person.asked
    with pytest.raises(DeployError, match=told):
        answers.save("default", stack="clinic-leads", region="us-east-1", values={})


BEFORE, MINE = "version = 0.1\n", 'version = 0.1\n[default.global.parameters]\nstack_name = "mine"\n'


def git(folder: Path, *arguments: str, code: int = 0) -> str:
    settings = ["user.name=Ops", "user.email=ops@example.com", "init.defaultBranch=main", "pull.rebase=false"]
    options = [option for each in settings for option in ("-c", each)]
    done = subprocess.run(["git", *options, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode != 0) == bool(code), done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A clone of a version that had samconfig.toml in git. The next version, which ignores it, is there to pull."""
    origin, clone = tmp_path / "origin", tmp_path / "clone"
    origin.mkdir()
    git(origin, "init", "--quiet")
    (origin / "samconfig.toml").write_text(BEFORE)
    git(origin, "add", ".")
    git(origin, "commit", "--quiet", "--message", "Before")
    git(tmp_path, "clone", "--quiet", str(origin), str(clone))
    git(origin, "rm", "--quiet", "samconfig.toml")
    (origin / ".gitignore").write_text((ROOT / ".gitignore").read_text("utf-8"))
    git(origin, "add", ".")
    git(origin, "commit", "--quiet", "--message", "After")
    return clone


def told() -> str:
    """Return what the changelog says about git pull."""
    text = (ROOT / "CHANGELOG.md").read_text("utf-8").partition("## [0.11.0]")[2].partition("\n## [")[0]
    assert "git pull" in text
    return text


def test_an_unchanged_file_makes_room_for_the_answers(copy: Path) -> None:
    git(copy, "pull")
    assert not (copy / "samconfig.toml").exists()


def test_changed_answers_survive_git_pull(copy: Path) -> None:
    (copy / "samconfig.toml").write_text(MINE)
    assert "samconfig.toml" in git(copy, "pull", code=1)
    assert (copy / "samconfig.toml").read_text() == MINE
    (block,) = [each for each in re.findall(r"```sh\n(.*?)```", told(), re.DOTALL) if "git pull" in each]
    subprocess.run(["sh", "-ec", block], cwd=copy, check=True, capture_output=True)
    assert (copy / "samconfig.toml").read_text() == MINE
    assert git(copy, "status", "--porcelain") == ""
    assert Answers(copy / "samconfig.toml").of(None).stack == "mine"


def test_committed_answers_survive_git_pull(copy: Path) -> None:
    (copy / "samconfig.toml").write_text(MINE)
    git(copy, "commit", "--quiet", "--all", "--message", "Our answers")
    assert "CONFLICT" in git(copy, "pull", code=1)
    (command,) = re.findall(r"`git (rm --cached [a-z.]+)`", told())
    git(copy, *command.split())
    git(copy, "commit", "--quiet", "--message", "Merge")
    assert (copy / "samconfig.toml").read_text() == MINE
    assert git(copy, "status", "--porcelain") == ""
