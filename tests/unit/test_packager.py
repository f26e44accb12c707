"""packager: each function gets exactly the files that it reaches, compiled, with a checked clinic.toml."""

import ast
import email
import importlib.util
import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import botocore.session
import pytest
from botocore import xform_name

from shared.leads.clinic import clinic_of
from shared.runtime import files
from tools.package import layer, trim
from tools.package.bytecode import precompile
from tools.package.clinic import check_clinic, write_clinic
from tools.package.clinic_file import parse_clinic
from tools.package.docstrings import empty_docstrings
from tools.package.function import copy_function, reached_modules

FUNCTIONS = Path(__file__).parents[2] / "functions"
NAMES = sorted(path.parent.name for path in FUNCTIONS.glob("*/handler.py"))


@pytest.fixture(autouse=True)
def _same_import_path() -> Iterator[None]:
    before = list(sys.path)
    yield
    sys.path[:] = before


def a_project(folder: Path, files: dict[str, str]) -> Path:
    for name, text in ({"clinic.toml": ""} | files).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def below(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", NAMES)
def test_a_function_gets_no_other_functions_folder(name: str, tmp_path: Path) -> None:
    copy_function(FUNCTIONS, name, tmp_path)
    assert (tmp_path / name / "handler.py").is_file()
    assert not [other for other in NAMES if other != name and (tmp_path / other).exists()]


def test_the_public_function_gets_nothing_that_sends_email(tmp_path: Path) -> None:
    copy_function(FUNCTIONS, "submit", tmp_path)
    shipped = below(tmp_path)
    assert "shared/services/mailer.py" not in shipped
    assert not [path for path in shipped if path.startswith("shared/messages/")]
    assert {
        "clinic.json",
        "shared/store/intake.py",
        "submit/pages/thank_you.html",
        "shared/web/pages/base.html",
    } <= shipped


def test_the_functions_that_alert_get_email_templates_and_no_pages(tmp_path: Path) -> None:
    copy_function(FUNCTIONS, "notify", tmp_path)
    shipped = below(tmp_path)
    assert {
        "shared/messages/base.html",
        "shared/messages/request.html",
        "shared/messages/alert/subject.txt",
        "shared/messages/alert/body.txt",
        "shared/messages/alert/body.html",
    } <= shipped
    assert not [path for path in shipped if path.startswith(("submit/", "shared/web/"))]


def test_the_claim_function_gets_pages_and_nothing_that_sends_email(tmp_path: Path) -> None:
    copy_function(FUNCTIONS, "claim", tmp_path)
    shipped = below(tmp_path)
    assert {
        "clinic.json",
        "claim/pages/claim.html",
        "shared/web/pages/base.html",
        "shared/web/pages/style.css",
    } <= shipped
    assert (
        not {path for path in shipped if path.startswith("shared/messages/")} | {"shared/services/mailer.py"} & shipped
    )


def test_only_what_is_imported_is_reached_with_the_packages_on_the_way(tmp_path: Path) -> None:
    project = a_project(
        tmp_path,
        {
            "one/__init__.py": "",
            "one/handler.py": "import json\nfrom shared.used import x\nimport boto3\n",
            "one/forgotten.py": "",
            "two/__init__.py": "",
            "two/handler.py": "",
            "shared/__init__.py": "",
            "shared/used.py": "def f():\n    from shared import late\nx = 1\n",
            "shared/late.py": "",
            "shared/unused.py": "",
        },
    )
    assert {str(path) for path in reached_modules(project, "one")} == {
        *("one/__init__.py", "one/handler.py", "shared/__init__.py", "shared/used.py", "shared/late.py")
    }


def test_files_beside_the_modules_come_along_and_bytecode_does_not(tmp_path: Path) -> None:
    project = a_project(
        tmp_path / "functions",
        {
            "one/__init__.py": "",
            "one/handler.py": "import shared.room\n",
            "one/pages/a.html": "a",
            "one/__pycache__/handler.cpython-313.pyc": "stale",
            "shared/__init__.py": "",
            "shared/room/__init__.py": "",
            "shared/room/words/a.txt": "b",
            "shared/other/words.txt": "e",
            "other/words.txt": "c",
            "notes.txt": "d",
        },
    )
    copy_function(project, "one", tmp_path / "artefact")
    assert below(tmp_path / "artefact") == {
        *("clinic.json", "one/__init__.py", "one/handler.py", "one/pages/a.html"),
        *("shared/__init__.py", "shared/room/__init__.py", "shared/room/words/a.txt"),
    }


def test_a_function_that_is_not_there_stops_the_build(tmp_path: Path) -> None:
    project = a_project(tmp_path / "functions", {"one/__init__.py": ""})
    with pytest.raises((FileNotFoundError, ImportError)):
        copy_function(project, "one", tmp_path / "artefact")


def test_bytecode_loads_without_a_check_of_the_source(tmp_path: Path) -> None:
    module = tmp_path / "package" / "module.py"
    a_project(tmp_path, {"package/module.py": "x = 1\n"})
    precompile(tmp_path, keep_sources=True)
    compiled = Path(importlib.util.cache_from_source(str(module))).read_bytes()
    assert compiled[:4] == importlib.util.MAGIC_NUMBER
    assert int.from_bytes(compiled[4:8], "little") == 0b01  # by hash, not checked (PEP 552)
    assert str(tmp_path).encode() not in compiled


def test_bytecode_can_replace_its_source(tmp_path: Path) -> None:
    a_project(tmp_path, {"package/__init__.py": "", "package/module.py": "x = 1\n", "package/words.txt": "a"})
    precompile(tmp_path, keep_sources=False)
    assert below(tmp_path) == {"clinic.toml", "package/__init__.pyc", "package/module.pyc", "package/words.txt"}


def test_stale_bytecode_goes(tmp_path: Path) -> None:
    a_project(tmp_path, {"module.py": "", "__pycache__/gone.cpython-313.pyc": "stale"})
    precompile(tmp_path, keep_sources=True)
    assert [path.name for path in (tmp_path / "__pycache__").iterdir()] == ["module.cpython-313.pyc"]


def test_a_module_that_does_not_compile_stops_the_build(tmp_path: Path) -> None:
    a_project(tmp_path, {"module.py": "def\n"})
    with pytest.raises(RuntimeError, match="Could not compile"):
        precompile(tmp_path, keep_sources=True)


@pytest.fixture
def functions(tmp_path: Path) -> Path:
    """Return a folder with the clinic.toml that ships, to be changed, and the record of its consent texts."""
    for name in ("clinic.toml", "consents.toml"):
        shutil.copyfile(FUNCTIONS / name, tmp_path / name)
    return tmp_path


def test_the_clinic_that_ships_is_right(functions: Path) -> None:
    assert check_clinic(functions) is None


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("minimum_age = 18", "minimum_age = 0", "minimum_age: "),
        (
            'id = "riverside"',
            'id = "downtown"',
            'places: each place needs a different id; used more than once: "downtown"',
        ),
        ('id = "downtown"', 'id = "Down Town"', "places.0.id: must be lowercase letters"),
        ("[consent_texts]", "[consent_text]", "consent_text: is not a setting"),
        ("time_zone = ", 'phone = "(202) 555-0143"\ntime_zone = ', "phone: is not a setting"),
        ('"America/New_York"', '"Springfield"', "time_zone: "),
        ('name = "Riverbend', 'nome = "Riverbend', "line 4: nome: is not a setting"),
        ('name = "Riverbend', 'name == "Riverbend', "clinic.toml is not valid TOML: "),
    ],
)
def test_a_mistake_in_the_clinics_file_is_told_in_words(functions: Path, before: str, after: str, words: str) -> None:
    text = (functions / "clinic.toml").read_text(encoding="utf-8")
    assert before in text
    (functions / "clinic.toml").write_text(text.replace(before, after), encoding="utf-8")
    problem = check_clinic(functions)
    assert problem is not None
    assert words in problem
    assert problem.startswith(("clinic.toml ", "functions/clinic.toml "))


def test_the_built_settings_describe_the_same_clinic(tmp_path: Path) -> None:
    write_clinic(FUNCTIONS, tmp_path)
    built = clinic_of(json.loads((tmp_path / "clinic.json").read_text(encoding="utf-8")))
    assert built == parse_clinic((FUNCTIONS / "clinic.toml").read_text(encoding="utf-8"))
    assert built.closed_on


def test_a_logo_ships_with_each_function(functions: Path, tmp_path: Path) -> None:
    logo = '<svg xmlns="http://www.w3.org/2000/svg"/>'
    text = (functions / "clinic.toml").read_text(encoding="utf-8")
    (functions / "clinic.toml").write_text(f'{text}\n[look]\nlogo = "logo.svg"\n', encoding="utf-8")
    assert "there is no file functions/logo.svg" in (check_clinic(functions) or "")
    (functions / "logo.svg").write_text(logo, encoding="utf-8")
    assert check_clinic(functions) is None
    (tmp_path / "built").mkdir()
    write_clinic(functions, tmp_path / "built")
    assert (tmp_path / "built" / "logo.svg").read_text(encoding="utf-8") == logo


def test_a_clinics_file_that_is_missing_is_told(functions: Path) -> None:
    (functions / "clinic.toml").unlink()
    assert "clinic.toml" in (check_clinic(functions) or "")


def test_a_clinics_file_of_windows_notepad_is_read(
    functions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = functions / "clinic.toml"
    expected = parse_clinic(file.read_text(encoding="utf-8"))
    file.write_text(file.read_text(encoding="utf-8"), encoding="utf-8-sig", newline="\r\n")
    assert check_clinic(functions) is None
    write_clinic(functions, tmp_path)
    assert clinic_of(json.loads((tmp_path / "clinic.json").read_text(encoding="utf-8"))) == expected
    monkeypatch.setattr(files, "packaged", lambda path: (functions / path).read_text(encoding="utf-8"))
    monkeypatch.setattr(files, "_ROOT", functions / "source")
    assert files.clinic.__wrapped__() == expected


def test_a_clinics_file_that_is_not_utf_8_is_told(functions: Path) -> None:
    (functions / "clinic.toml").write_bytes(b'name = "\xe9"')
    assert "UTF-8" in (check_clinic(functions) or "")


def test_the_layer_ships_the_botocore_models_of_the_operations_we_call_only() -> None:
    calls = [
        (node.func.attr, [str(argument.value) for argument in node.args if isinstance(argument, ast.Constant)])
        for path in FUNCTIONS.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    ]
    called = {name for name, _ in calls}
    called |= {paged for name, arguments in calls if name == "get_paginator" for paged in arguments}
    called.add("get_secret_value")  # by Powertools' SecretsProvider
    session = botocore.session.Session()
    assert layer.LAYERS["submit"].operations == {"dynamodb": {"PutItem"}}
    for service, shipped in layer.LAYERS["others"].operations.items():
        known = session.get_service_model(service).operation_names
        assert {name for name in known if xform_name(name) in called} == shipped, service


def test_typed_dictionaries_lose_their_descriptions_and_keep_their_names(tmp_path: Path) -> None:
    file = tmp_path / "schema.py"
    file.write_text(
        "from __future__ import annotations\nfrom typing_extensions import TypedDict, Required\n"
        "class A(TypedDict, total=False):\n    'words'\n    x: Required[int]\nclass B:\n    y = 2\n"
        "def f(x: A) -> A:\n    return x\n"
    )
    trim.empty_typed_dictionaries(file)
    names: dict[str, Any] = {}
    exec(file.read_text(), names)  # noqa: S102 - what was just written
    assert names["A"].__annotations__ == {}
    assert (names["A"].__total__, names["B"].y, names["f"]({"x": 1})) == (False, 2, {"x": 1})


def test_functions_lose_their_docstrings_and_nothing_else(tmp_path: Path) -> None:
    module = '''"""A module."""
class A:
    """A class."""
    def one(self):
        """One,
        in two lines."""
        return "text"
    async def two(self): "Two \u00fc"; return 2  # words
def three():
    (r"Three "
     "in parts")
def four():
    x = """No docstring."""
    """Nor this."""
    return x
'''
    (tmp_path / "module.py").write_text(module, encoding="utf-8")
    empty_docstrings(tmp_path)
    expected = ast.parse(module)
    for node in ast.walk(expected):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name != "four":
            cast("Any", node.body[0]).value.value = ""
    kept = ast.parse((tmp_path / "module.py").read_bytes())
    assert ast.dump(kept) == ast.dump(expected)
    lines = [[node.lineno for node in ast.walk(tree) if isinstance(node, ast.stmt)] for tree in (kept, expected)]
    assert lines[0] == lines[1]


def test_a_root_that_is_gone_stops_the_build(tmp_path: Path) -> None:
    bundle = tmp_path / "cacert.pem"
    bundle.write_text('# Label: "Amazon Root CA 1"\n-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n')
    with pytest.raises(SystemExit, match="no longer has Amazon Root CA 2, "):
        trim.write_amazon_roots(bundle, tmp_path / "amazon-roots.pem")


def test_a_packages_description_is_cut_off_and_its_version_stays(tmp_path: Path) -> None:
    file = tmp_path / "METADATA"
    file.write_text("Name: made-up\nVersion: 1.2.3\n\n# A long description\n\nMore.\n", encoding="utf-8")
    trim.cut_description(file)
    assert email.message_from_string(file.read_text(encoding="utf-8"))["Version"] == "1.2.3"
    assert "description" not in file.read_text(encoding="utf-8")
