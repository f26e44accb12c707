"""The settings of the clinic's own form: a mistake is told by its line and by what to write."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.leads.look import DARK_PAPER, ENOUGH, WHITE, Look, contrast, toward
from tests.clinics import PHOENIX_FOLDER, phoenix
from tools.package.clinic import check_clinic
from tools.package.clinic_file import parse_clinic
from tools.package.clinic_lines import line_of
from tools.package.invalid import InvalidClinicError
from tools.package.logo import MAX_BYTES, problem_of

FUNCTIONS = Path(__file__).parents[2] / "functions"
PHOENIX = (PHOENIX_FOLDER / "clinic.toml").read_text(encoding="utf-8")
CONTRAST = 'has a contrast of 2.0 with white, and people need 4.5; write a darker color, such as "#a36a00"'


def problems_of(text: str, folder: Path | None = None) -> list[str]:
    with pytest.raises(InvalidClinicError) as caught:
        parse_clinic(text, folder)
    first, *problems = str(caught.value).splitlines()
    assert first == "functions/clinic.toml needs a change."
    return [problem.strip() for problem in problems]


def spoiled(before: str, after: str) -> str:
    assert before in PHOENIX
    return PHOENIX.replace(before, after, 1)


_NAMES = "must be lowercase letters, digits and underscores, starting with a letter, at most 40"
# What is written instead of what; a part of the line that is named; the setting; and what to write.
WRONG = [
    ('languages = ["es", "en"]', 'languages = "es"', "languages", 'write them in brackets, such as ["en", "es"]'),
    ('languages = ["es", "en"]', "languages = []", "languages", "must have at least 1"),
    ('languages = ["es", "en"]', 'languages = ["es", "fr"]', "languages.1", 'must be one of "en", "es"'),
    ('languages = ["es", "en"]', 'languages = ["es", "es"]', "languages", "write each once, the default one first"),
    ('"DR"', '"Dr"', "reference_prefix", 'must be 2 to 4 capital letters, such as "KC"'),
    ('"DR"', '"D"', "reference_prefix", 'must be 2 to 4 capital letters, such as "KC"'),
    ('"DR"', '"DR-"', "reference_prefix", 'must be 2 to 4 capital letters, such as "KC"'),
    ("minimum_age = 16", 'minimum_age = "16"', "minimum_age", "must be a whole number, without quotes"),
    ("minimum_age = 16", "minimum_age = 121", "minimum_age", "must be at most 120"),
    (
        ', en = "Central, 12 Example Street" }',
        " }",
        "places.0.name",
        'has no text in "en"; add en = "...", or take "en"',
    ),
    (
        'en = "You may email me news. I',
        'fr = "I',
        "consent_email_news.text",
        'a language that we have no words for, "fr"',
    ),
    ("[choices.interest]", "[choices.location]", "choices.location", "is not a setting; check its spelling"),
    ("migraine = {", "Migraine = {", "choices.interest.Migraine", _NAMES),
    ('en = "Chronic pain"', 'en = "Migraine"', "choices.interest.chronic_pain", 'has the same words as "migraine"'),
    (
        'light = { es = "Sensibilidad a la luz", en = "Sensitivity to light" }',
        "light = 1",
        "choices.symptoms.light",
        "must be a text in quotes, or one for each language",
    ),
    (
        'light = { es = "Sensibilidad a la luz", en = "Sensitivity to light" }',
        'light = ""',
        "choices.symptoms.light",
        "is empty; write the text in quotes",
    ),
    (
        'light = { es = "Sensibilidad a la luz", en = "Sensitivity to light" }',
        'light = { es = "Luz", en = "Thoughts of suicide" }',
        "choices.symptoms.light",
        'has words that people in crisis use; write an id that says so, such as "suicidal_thoughts"',
    ),
    (
        'id = "heard_of_us"',
        'id = "message"',
        "questions.1.id",
        '"message" is the name of a field of the form; write another id',
    ),
    (
        'en = "How did you hear about us?"',
        'en = "Are you having thoughts of suicide?"',
        "questions.1.id",
        'is of a question about a crisis; write an id that says so, such as "suicidal_thoughts"',
    ),
    ('id = "heard_of_us"', 'id = "homepage"', "questions.1.id", '"homepage" is the name of a field of the form'),
    ('id = "heard_of_us"', 'id = "submit"', "questions.1.id", '"submit" is the name of a field of the form'),
    ('id = "heard_of_us"', 'id = "card_number"', "questions.1.id", '"card_number" looks like the name of a secret'),
    ('id = "heard_of_us"', 'id = "access_token"', "questions.1.id", '"access_token" looks like the name of a secret'),
    ('id = "heard_of_us"', 'id = "payment"', "questions.1.id", '"payment" is the id of another question'),
    ('id = "heard_of_us"', 'id = "Heard"', "questions.1.id", _NAMES),
    ('kind = "text"', 'kind = "line"', "questions.1.kind", 'must be one of "text", "yes_no", "choice", "several"'),
    ('kind = "choice"', 'kind = "yes_no"', "questions.0.choices", 'are not for kind = "yes_no"; remove them'),
    ('kind = "text"', 'kind = "choice"', "questions.1.choices", "is missing; write, for example, choices = { email"),
    ('kind = "text"\n', "", "questions.1.kind", 'is missing; write kind = "text", "yes_no", "choice" or "several"'),
    (
        'group = "who"',
        'group = "now"',
        "questions.1.group",
        'must be one of "who", "reach", "safely", "about", "prepare"',
    ),
    ('group = "who"\nhealth = false', 'group = "who"', "questions.1.health", "is missing; write health = true if the"),
    ('group = "who"\nhealth = false', 'group = "who"\nhealth = "no"', "questions.1.health", "must be true or false"),
    ('group = "about"', 'group = "prepare"', "questions.0.required", 'write group = "about", or required = false'),
    (', en = "How did you hear about us?" }', " }", "questions.1.label", 'has no text in "en"'),
    ('staff_label = "Payment"', f'staff_label = "{"x" * 61}"', "questions.0.staff_label", "at most 60 characters"),
    ('staff_label = "Payment"', 'staff = "Payment"', "questions.0.staff", "is not a setting; check its spelling"),
    (
        'hint = { es = "Una o dos palabras bastan.", en = "A word or two is enough." }',
        'hint = "x"',
        "questions.1.hint",
        "must have 2 to 300 characters; this text has 1",
    ),
    ('accent = "#8a3d12"', 'accent = "orange"', "look.accent", 'must be a color with six digits, such as "#0b6e4f"'),
    ('accent = "#8a3d12"', 'accent = "#ffa500"', "look.accent", CONTRAST),
    ('accent_dark = "#f0a878"', 'accent_dark = "#8a3d12"', "look.accent_dark", "write a lighter color, such as"),
    ('logo = "logo.svg"', 'logo = "../logo.svg"', "look.logo", "must be the name of a file in functions/"),
    ('logo = "logo.svg"', 'logo = "logo.gif"', "look.logo", "that ends in .svg or .png"),
    ('logo = "logo.svg"', 'logo = "other.svg"', "look.logo", "there is no file functions/other.svg; put it there"),
]


@pytest.mark.parametrize(("before", "after", "setting", "advice"), WRONG)
def test_a_wrong_setting_is_told_with_its_line_and_what_to_write(
    before: str, after: str, setting: str, advice: str
) -> None:
    text = spoiled(before, after)
    said = problems_of(text, PHOENIX_FOLDER)
    (problem,) = [each for each in said if f": {setting}: " in each]
    assert advice in problem
    named = re.match(r"line ([0-9]+): ", problem)
    assert named
    # The line has the setting; if it is missing, the line is that of its section.
    key = setting.rpartition(".")[2] if not setting.rpartition(".")[2].isdigit() else setting.split(".", maxsplit=1)[0]
    shown = text.splitlines()[int(named[1]) - 1]
    assert shown.startswith(
        (f"{key} =", f"[{setting.split('.', maxsplit=1)[0]}", f"[[{setting.split('.', maxsplit=1)[0]}]]")
    ), shown


def test_a_table_of_wrong_settings_is_long_enough() -> None:
    assert len(WRONG) >= 25


def test_a_missing_setting_of_the_file_goes_before_the_first_section() -> None:
    (problem,) = problems_of(PHOENIX.replace('time_zone = "America/Phoenix"\n', ""))
    assert problem == 'before line 8: time_zone: is missing; write time_zone = "America/New_York", for example'


@pytest.mark.parametrize(
    ("setting", "shown"),
    [
        (("places", 0, "name"), 'name = { es = "Centro'),
        (("places", 1, "name"), 'name = "Mesa'),
        (("consent_texts", "text"), "[consent_texts.text]"),
        (("consent_texts", "text", "es"), 'es = "Pueden enviarme mensajes'),
        (("questions", 2, "choices", "tablets"), "tablets = {"),
        (("questions", 2, "choices"), "[questions.choices]"),
        (("questions", 1, "required"), "[[questions]]"),
        (("look", "accent"), 'accent = "'),
    ],
)
def test_the_line_of_a_setting_is_found(setting: tuple[str | int, ...], shown: str) -> None:
    found = line_of(PHOENIX, setting)
    assert found
    assert PHOENIX.splitlines()[found - 1].startswith(shown)


def test_a_text_of_several_lines_hides_no_setting() -> None:
    text = 'a = """\n[look]\nb = 1\n"""\nb = 2\n'
    assert line_of(text, ("b",)) == 5
    assert line_of(text, ("look",)) is None


# --- Consent texts ----------------------------------------------------------------------------------------------------


def test_a_consent_text_that_changed_needs_a_new_version() -> None:
    text = PHOENIX.replace("You may contact me about this consultation.", "You may contact me about anything.")
    (problem,) = problems_of(text, PHOENIX_FOLDER)
    assert re.fullmatch(
        r"line [0-9]+: consent_contact: the text changed, so give it a new version, for example "
        r'"20[0-9-]+", and run make docs',
        problem,
    )


def test_a_new_version_of_a_consent_text_has_to_be_recorded() -> None:
    text = PHOENIX.replace('"2026-11-30"', '"2027-01-01"', 1)
    (problem,) = problems_of(text, PHOENIX_FOLDER)
    assert 'version "2027-01-01" is not recorded in functions/consents.toml yet; run make docs' in problem


def test_the_consents_of_both_clinics_are_recorded() -> None:
    assert phoenix().reference_prefix == "DR"
    assert parse_clinic((FUNCTIONS / "clinic.toml").read_text(encoding="utf-8"), FUNCTIONS).reference_prefix == "KC"


@pytest.mark.parametrize("broken", [b"<<<<<<< HEAD\n", b"\xff\xfe"])
def test_a_broken_record_of_consents_is_told_in_words(tmp_path: Path, broken: bytes) -> None:
    (tmp_path / "clinic.toml").write_bytes((FUNCTIONS / "clinic.toml").read_bytes())
    (tmp_path / "consents.toml").write_bytes(broken + (FUNCTIONS / "consents.toml").read_bytes())
    said = check_clinic(tmp_path) or ""
    assert said.startswith("functions/consents.toml cannot be read: ")
    assert said.endswith("; restore it from the repository")


# --- The look ---------------------------------------------------------------------------------------------------------

_colors = st.tuples(*[st.integers(0, 255)] * 3).map(lambda parts: "#{:02x}{:02x}{:02x}".format(*parts))


@given(_colors)
def test_the_color_that_the_build_names_works(color: str) -> None:
    assert contrast(toward("#000000", color, against=WHITE), WHITE) >= ENOUGH
    assert contrast(toward(WHITE, color, against=DARK_PAPER), DARK_PAPER) >= ENOUGH
    assert contrast(Look(accent=color).dark, DARK_PAPER) >= ENOUGH


def test_black_on_white_is_the_strongest_contrast() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


_SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">{}</svg>'


@pytest.mark.parametrize(
    ("inside", "words"),
    [
        ("<script>alert(1)</script>", "<script>"),
        ("<foreignObject/>", "<foreignobject>"),
        ('<image href="https://example.com/x.png"/>', "<image>"),
        ('<rect onload="alert(1)"/>', 'the attribute "onload"'),
        ('<use href="https://example.com/x.svg#a"/>', "a reference to something outside of it"),
        ('<use xlink:href="data:image/svg+xml,x"/>', "a reference to something outside of it"),
        ('<rect fill="url(https://example.com/x)"/>', "a reference to something outside of it"),
        ("<style>@import 'https://example.com/x.css';</style>", "styles that load something"),
        ("<style>rect { fill: url(//example.com) }</style>", "styles that load something"),
        ('<a href="javascript:alert(1)"><rect/></a>', "<a>"),
        ("<rect>", "is not an SVG picture"),
    ],
)
def test_a_logo_that_may_run_or_load_something_is_refused(tmp_path: Path, inside: str, words: str) -> None:
    logo = tmp_path / "logo.svg"
    logo.write_text(_SVG.format(inside), encoding="utf-8")
    assert words in (problem_of(logo) or "")


@pytest.mark.parametrize(
    "inside", ["<rect/>", '<use href="#a"/>', '<rect fill="url(#a)"/>', "<style>rect { fill: red }</style>", ""]
)
def test_a_logo_with_shapes_only_is_taken(tmp_path: Path, inside: str) -> None:
    logo = tmp_path / "logo.svg"
    logo.write_text(_SVG.format(inside), encoding="utf-8")
    assert problem_of(logo) is None


def png(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + width.to_bytes(4) + height.to_bytes(4)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (png(600, 200), None),
        (png(601, 200), "the picture is 601 by 200, and 600 by 200 is the most; make it smaller"),
        (png(600, 201), "the picture is 600 by 201, and 600 by 200 is the most; make it smaller"),
        (b"GIF89a", "the file is not a PNG picture; save it as PNG"),
        (png(1, 1) + b"x" * MAX_BYTES, "the file has 20,024 bytes, and 20,000 are allowed; save it smaller"),
    ],
)
def test_a_logo_in_png_is_small(tmp_path: Path, content: bytes, words: str | None) -> None:
    logo = tmp_path / "logo.png"
    logo.write_bytes(content)
    assert problem_of(logo) == words


@pytest.mark.parametrize("declaration", ["<!DOCTYPE svg>", '<!DOCTYPE svg [<!ENTITY a "b">]>', "<?xml-stylesheet?>"])
def test_a_logo_with_a_declaration_is_refused(tmp_path: Path, declaration: str) -> None:
    logo = tmp_path / "logo.svg"
    logo.write_text(declaration + _SVG.format(""), encoding="utf-8")
    assert "has a declaration that may load something" in (problem_of(logo) or "")


@pytest.mark.parametrize("named", ["url(#a)", "url('#a')", "url( #a )", "url(&quot;#a&quot;)"])
def test_a_logo_may_name_its_own_parts(tmp_path: Path, named: str) -> None:
    logo = tmp_path / "logo.svg"
    logo.write_text(_SVG.format(f'<rect fill="{named}"/>'), encoding="utf-8")
    assert problem_of(logo) is None


@pytest.mark.parametrize("named", ["url( 'x.png' )", "url(' #a')", "url( //example.com/x )", "URL('x#a')"])
def test_a_logo_may_name_nothing_else(tmp_path: Path, named: str) -> None:
    logo = tmp_path / "logo.svg"
    logo.write_text(_SVG.format(f'<rect fill="{named}"/>'), encoding="utf-8")
    assert "outside of it" in (problem_of(logo) or "")


def test_a_choice_may_have_any_id() -> None:
    more = '[choices.interest]\nchoices = { en = "A", es = "B" }\nen = { en = "C", es = "D" }\n'
    text = (FUNCTIONS / "clinic.toml").read_text(encoding="utf-8")
    assert list(parse_clinic(f"{text}\n{more}").choices["interest"]) == ["choices", "en"]
    (problem,) = problems_of(f"{text}\n{more}".replace(', es = "B"', ""))
    assert 'choices.interest.choices: has no text in "es"' in problem
