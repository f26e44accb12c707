"""tools.deploy.answers: a file with answers is read, or an error says what to do."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tools.deploy.answers import Answers, decoded, encoded, overrides
from tools.deploy.errors import DeployError


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
