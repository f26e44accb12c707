"""tools.deploy: what it asks, and which answers it takes."""

import re
from collections.abc import Mapping

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.architecture.templates import read_templates
from tests.unit.deploying import ANSWERS, COMPLETE, Person, nothing_known
from tools.deploy.errors import StoppedError
from tools.deploy.questions import Suggestion, ask, keep
from tools.deploy.rules import AnswerError, checked, checked_region, checked_stack
from tools.deploy.template import longest_stack_name, parameters

DECLARED = read_templates().main["Parameters"]
BY_NAME = {each.name: each for each in parameters()}


def template_accepts(name: str, value: str) -> bool:
    """Whether CloudFormation accepts a value, read from the template without our code."""
    declared = DECLARED[name]
    parts = value.split(",") if declared["Type"] == "CommaDelimitedList" else [value]
    if "AllowedPattern" in declared and not all(re.fullmatch(declared["AllowedPattern"], part) for part in parts):
        return False
    if "AllowedValues" in declared and value not in map(str, declared["AllowedValues"]):
        return False
    if declared["Type"] == "Number":
        return int(declared.get("MinValue", 0)) <= int(value) <= int(declared.get("MaxValue", 10**9))
    return True


def answered(lines: list[str], known: Mapping[str, str] | None = None) -> tuple[dict[str, str], Person]:
    person, answers = Person(lines), dict[str, str]()
    ask(person.terminal, known or {}, nothing_known, answers)
    return answers, person


def test_each_parameter_of_the_template_is_asked_once() -> None:
    assert sorted(BY_NAME) == sorted(DECLARED)
    answers, person = answered([ANSWERS.get(each.name, "") for each in parameters()])
    assert answers == COMPLETE
    assert [re.findall(r"\w+", prompt)[0] for prompt in person.asked] == list(BY_NAME)


@pytest.mark.parametrize("name", DECLARED)
def test_a_question_has_help_and_an_example_or_choices(name: str) -> None:
    _, person = answered([ANSWERS.get(each.name, "") for each in parameters()])
    assert " ".join(DECLARED[name]["Description"].split()) in person.text
    (prompt,) = [prompt for prompt in person.asked if prompt.strip().startswith(name)]
    parameter = BY_NAME[name]
    assert parameter.example or parameter.values or parameter.largest or parameter.default is not None
    if parameter.default is not None:
        assert f"[{parameter.default or 'empty'}]" in prompt
    for value in parameter.values:
        assert value in prompt or value in person.text


@pytest.mark.parametrize("name", DECLARED)
def test_a_default_and_an_example_pass_the_check(name: str) -> None:
    parameter = BY_NAME[name]
    if parameter.default is not None:
        assert checked(parameter, parameter.default) == parameter.default
    if parameter.example and not parameter.values:
        assert checked(parameter, parameter.example) == parameter.example


def test_the_groups_of_the_template_are_the_headings() -> None:
    _, person = answered([ANSWERS.get(each.name, "") for each in parameters()])
    groups = read_templates().main["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    headings = [text.split("\n")[1] for text in person.read if re.fullmatch(r"\n[^\n]+\n-+", text)]
    assert headings == [group["Label"]["default"] for group in groups]


WRONG = [
    ("AllowedOrigins", "", "must not be empty"),
    ("AllowedOrigins", "*", "'*' is not valid"),
    ("AllowedOrigins", "https://www.example.com/contact", "Did you mean https://www.example.com?"),
    ("AllowedOrigins", "www.example.com", "Did you mean https://www.example.com?"),
    ("AllowedOrigins", "https://www.example.com,example.net/a", "Did you mean https://www.example.com,https://exam"),
    ("AllowedOrigins", "ftp://www.example.com", "'ftp://www.example.com' is not valid"),
    ("ThankYouPages", "https://www.example.com", "a path"),
    ("ThankYouPages", "https://www.example.com/thanks?from=form", "Did you mean https://www.example.com/thanks?"),
    ("ClinicPhone", "555", "Example: (202) 555-0143"),
    ("ClinicPhone", "call us", "'call us' is not valid"),
    ("PublicUrl", "https://leads.example.com/v1/", "Did you mean https://leads.example.com/v1?"),
    ("PublicUrl", "http://leads.example.com", "starts with https://"),
    ("SenderAddress", "Clinic <leads@example.com>", "Did you mean leads@example.com?"),
    ("SenderAddress", "leads", "such as leads@example.com"),
    ("AlertRecipients", "frontdesk@example.com nurse@example.com", "separated by commas"),
    ("AlertRecipients", "=cmd@example.com", "is not valid"),
    ("FallbackRecipients", "owner@localhost", "is not valid"),
    ("OwnerEmail", "owner@example.com,other@example.com", "one plain email address"),
    ("OpsEmail", "", "must not be empty"),
    ("CreateSenderIdentity", "maybe", "Enter yes or no."),
    ("AlertDetail", "everything", "Enter reference, contact or full."),
    ("AccountEmails", "gmail", "Enter cognito or ses."),
    ("TurnstileSecretArn", "my-secret", "full ARN"),
    ("Architecture", "arm", "Enter arm64 or x86_64."),
    ("ThrottleRate", "fast", "'fast' is not a whole number"),
    ("ThrottleRate", "1.5", "is not a whole number"),
    ("ThrottleRate", "\u0663", "is not a whole number"),
    ("ThrottleRate", "0", "0 is out of range. Enter a number from 1 to 10000."),
    ("ThrottleBurst", "5001", "out of range"),
    ("ThrottleBurst", "9" * 5000, "is not a whole number"),
    ("LogRetentionDays", "31", "'31' is not one of the choices"),
    ("ApiGatewayLogsRole", "make", "Enter create or existing."),
]


@pytest.mark.parametrize(("name", "typed", "told"), WRONG)
def test_a_wrong_answer_is_told_at_once_and_asked_again(name: str, typed: str, told: str) -> None:
    lines = []
    for each in parameters():
        lines += [typed] * (each.name == name) + [COMPLETE[each.name]]
    answers, person = answered(lines)
    assert answers == COMPLETE
    assert told in person.text
    assert DECLARED[name]["ConstraintDescription"].strip().replace("\n", " ") in person.text


@pytest.mark.parametrize("name", DECLARED)
def test_each_parameter_refuses_what_cannot_be_right(name: str) -> None:
    for typed in ("no, thank you!", "*", "\x00", "https://", "@", "\ud800", "a\nb"):
        with pytest.raises(AnswerError, match=re.escape(BY_NAME[name].constraint)):
            checked(BY_NAME[name], typed)


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("AllowedOrigins", " https://www.example.com , https://example.com, ", "https://www.example.com,https://example.com"),
        ("ClinicPhone", "  (202) 555-0143 ", "(202) 555-0143"),
        ("AlertRecipients", "o'brien@example.com", "o'brien@example.com"),
        ("TellOthers", "N", "no"),
        ("TellOthers", "Yes", "yes"),
        ("AlertDetail", "FULL", "full"),
        ("ThrottleRate", "010", "10"),
        ("OwnerEmail", "-", ""),
    ],
)  # fmt: skip
def test_an_answer_is_tidied(name: str, typed: str, value: str) -> None:
    answers, _ = answered([typed if each.name == name else COMPLETE[each.name] for each in parameters()])
    assert answers[name] == value


ANYTHING = st.lists(
    st.one_of(st.sampled_from([*COMPLETE.values(), "y", "n", "-", "yes", "no"]), st.text(), st.text(max_size=5)),
    max_size=60,
)


@given(lines=ANYTHING, known=st.dictionaries(st.sampled_from(list(DECLARED)), st.text() | st.just("yes"), max_size=30))
@example(lines=["\ud800", "\x00", "\r", "<", "://", "https://[", "a" * 10_000], known={})
def test_any_input_ends_in_answers_that_the_template_accepts(lines: list[str], known: dict[str, str]) -> None:
    person, answers = Person(lines), dict[str, str]()
    try:
        ask(person.terminal, known, nothing_known, answers)
    except StoppedError:
        pass
    else:
        assert set(answers) == set(DECLARED)
    assert [name for name, value in answers.items() if not template_accepts(name, value)] == []


@given(st.text())
@example("\ud800")
@example("https://[")
def test_any_text_is_taken_as_the_template_does_or_explained(text: str) -> None:
    for parameter in parameters():
        try:
            value, told = checked(parameter, text), ""
        except AnswerError as error:
            value, told = None, str(error)
        assert parameter.constraint in told if value is None else template_accepts(parameter.name, value)


def test_the_answers_of_last_time_are_kept_with_one_key() -> None:
    answers, person = answered(["n"], COMPLETE)
    assert answers == COMPLETE
    assert len(person.asked) == 1
    for name, value in COMPLETE.items():
        assert re.search(rf"{name} +{re.escape(value or '(empty)')}", "\n".join(person.read))


def test_one_answer_of_last_time_can_be_changed_by_its_name() -> None:
    answers, person = answered(["opsemail, ThrottleBurst", "nobody", "other@example.com", "5"], COMPLETE)
    assert answers == COMPLETE | {"OpsEmail": "other@example.com", "ThrottleBurst": "5"}
    assert "'nobody' is not valid" in person.text
    assert len(person.asked) == 4


def test_a_name_that_is_not_in_the_list_is_told() -> None:
    answers, person = answered(["Phone", ""], COMPLETE)
    assert answers == COMPLETE
    assert "'phone' is not a name in the list" in person.text


def test_a_new_parameter_is_shown_with_its_default() -> None:
    known = {name: value for name, value in COMPLETE.items() if name != "Webhook"}
    answers, person = answered(["n"], known)
    assert answers == COMPLETE
    assert "Webhook no (new: the default)" in person.text


def test_an_answer_of_last_time_that_is_no_longer_valid_is_asked_for() -> None:
    answers, _ = answered(
        [ANSWERS.get(each.name, "") if each.name == "ClinicPhone" else "" for each in parameters()],
        COMPLETE | {"ClinicPhone": "none", "AlertDetail": "all"},
    )
    assert answers == COMPLETE


def test_a_suggestion_says_why() -> None:
    person, answers = Person([ANSWERS.get(each.name, "") for each in parameters()]), dict[str, str]()

    def suggest(name: str, _answers: Mapping[str, str]) -> Suggestion | None:
        return Suggestion(value="5", reason="The account is new.") if name == "ThrottleBurst" else None

    ask(person.terminal, {}, suggest, answers)
    assert answers["ThrottleBurst"] == "5"
    assert "Suggested: 5. The account is new." in person.text


def test_a_needed_suggestion_replaces_an_answer_without_questions() -> None:
    def suggest(name: str, _answers: Mapping[str, str]) -> Suggestion | None:
        match name:
            case "CreateSenderIdentity":
                return Suggestion(value="yes", reason="It must be.", needed=True)
            case "ThrottleBurst":
                return Suggestion(value="5", reason="It had better be.")
        return None

    person = Person([])
    assert keep(COMPLETE, suggest, person.terminal) == COMPLETE | {"CreateSenderIdentity": "yes"}
    assert "CreateSenderIdentity is yes: It must be." in person.text


def of_the_sender(name: str, answers: Mapping[str, str]) -> Suggestion | None:
    """SES knows old@example.com, which the stack registered, and known@example.com, and no other address."""
    if name != "CreateSenderIdentity":
        return None
    match answers["SenderAddress"]:
        case "old@example.com":
            return Suggestion(value="yes", reason="This stack registered it.", needed=True)
        case "known@example.com":
            return Suggestion(value="no", reason="SES already knows it.", needed=True)
    return Suggestion(value="yes", reason="SES would send nothing.", needed=True, personal=True)


@pytest.mark.parametrize(
    ("before", "after", "value"),
    [
        ({"SenderAddress": "known@example.com", "CreateSenderIdentity": "no"}, "new@example.com", "yes"),
        ({"SenderAddress": "old@example.com", "CreateSenderIdentity": "yes"}, "known@example.com", "no"),
        ({"SenderAddress": "old@example.com", "CreateSenderIdentity": "yes"}, "new@example.com", "yes"),
    ],
)
def test_a_sender_that_changes_takes_its_identity_along(before: dict[str, str], after: str, value: str) -> None:
    person, answers = Person(["SenderAddress", after]), dict[str, str]()
    ask(person.terminal, COMPLETE | before, of_the_sender, answers)
    assert answers == COMPLETE | {"SenderAddress": after, "CreateSenderIdentity": value}
    assert (f"CreateSenderIdentity is {value}: " in person.text) == (before["CreateSenderIdentity"] != value)


def test_an_answer_that_a_person_just_gave_is_not_replaced() -> None:
    person, answers = Person(["SenderAddress CreateSenderIdentity", "new@example.com", "no"]), dict[str, str]()
    known = COMPLETE | {"SenderAddress": "known@example.com", "CreateSenderIdentity": "no"}
    ask(person.terminal, known, of_the_sender, answers)
    assert answers == COMPLETE | {"SenderAddress": "new@example.com", "CreateSenderIdentity": "no"}
    assert "Suggested: yes. SES would send nothing." in person.text


def test_a_sender_that_ses_does_not_know_is_not_registered_without_questions() -> None:
    person = Person([])
    changed = COMPLETE | {"SenderAddress": "new@example.com", "CreateSenderIdentity": "no"}
    with pytest.raises(AnswerError, match="CreateSenderIdentity: It is no, but should be yes"):
        keep(changed, of_the_sender, person.terminal)
    assert not person.read
    agreed = changed | {"CreateSenderIdentity": "yes"}
    assert keep(agreed, of_the_sender, person.terminal) == agreed


def test_missing_and_wrong_answers_are_all_named_without_questions() -> None:
    with pytest.raises(AnswerError) as caught:
        keep({"AllowedOrigins": "*"}, nothing_known, Person([]).terminal)
    for name in ANSWERS:
        assert f"{name}: " in str(caught.value)


def test_an_empty_list_of_fallback_recipients_has_a_warning() -> None:
    _, person = answered([ANSWERS.get(each.name, "") for each in parameters()])
    assert "nobody else hears" in person.text


def test_the_longest_name_that_starts_with_the_stack_s_has_64_characters() -> None:
    text = (read_templates().main,)
    names = re.findall(r"'\$\{AWS::StackName\}(-[a-z-]+)'", str(text))
    assert longest_stack_name() == 64 - max(len(name) for name in names)


@pytest.mark.parametrize("name", ["clinic-leads", "a", "Clinic2", "x" * longest_stack_name()])
def test_a_good_stack_name_is_taken(name: str) -> None:
    assert checked_stack(f" {name} ") == name


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("", "start with a letter"),
        ("2leads", "start with a letter"),
        ("clinic_leads", "letters, digits and hyphens"),
        ("clinic leads", "letters, digits and hyphens"),
        ("clinic'; rm", "letters, digits and hyphens"),
        ("x" * (longest_stack_name() + 1), f"{longest_stack_name()} at most"),
    ],
)
def test_a_bad_stack_name_is_explained(name: str, told: str) -> None:
    with pytest.raises(AnswerError, match=told):
        checked_stack(name)


@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1", " US-WEST-2 "])
def test_a_good_region_is_taken(region: str) -> None:
    assert checked_region(region) == region.strip().lower()


@pytest.mark.parametrize(
    "region",
    [
        *("ap-east-1", "ap-east-2", "ap-southeast-4", "ap-southeast-6", "ap-southeast-7", "eu-south-2"),
        *("mx-central-1", "cn-north-1", "cn-northwest-1", "us-gov-west-1", "us-esat-1", "us-east-99"),
    ],
)
def test_a_region_that_the_template_refuses_is_refused_in_words(region: str) -> None:
    with pytest.raises(AnswerError, match=rf"{region}: .*Choose another one, such as us-east-1"):
        checked_region(region)


@pytest.mark.parametrize("region", ["", "virginia", "us-east-1a", "\ud800"])
def test_what_is_no_region_s_name_is_explained(region: str) -> None:
    with pytest.raises(AnswerError, match="Example: us-east-1"):
        checked_region(region)
