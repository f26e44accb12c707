"""DynamoDB's expressions: parsed once, and run on an item in DynamoDB's typed form.

Unknown syntax is an error: InvalidRequestError if AWS rejects it, NotImplementedError if AWS might accept it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Context, Decimal, Inexact
from functools import cache
from typing import Any, Final, NamedTuple

type Item = dict[str, dict[str, Any]]
type Value = dict[str, Any]
type Plain = tuple[str, Any]  # a type and the values that can be compared within it
type Read = Callable[[Scope], Value | None]
type Test = Callable[[Scope], bool]

# The reserved words that could be an attribute's name. AWS has 573:
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ReservedWords.html
_RESERVED_WORDS = (
    "action all any at between by capacity comment condition count counter data date datetime day default "
    "delete duration end error exists file filter first format found from group hash hold hour identity in "
    "index input item items key keys language last lead level limit list local location log map method minute "
    "mode month name names next no not null number offset on open operator or order owner parameters partition "
    "path percent position property public query range read record reference region release repeat request "
    "reset resource response result role schema search second section sequence session set share size source "
    "start state status string system table text time timestamp timezone to token total transaction trigger "
    "ttl type unit unknown update url user users uuid value values view when where with work write year zone"
)
RESERVED: Final = frozenset(_RESERVED_WORDS.split())
_MOST_BYTES = 4096
_MOST_DIGITS = 38
_EXACT = Context(prec=_MOST_DIGITS, traps=[Inexact])
_TOKEN = re.compile(r"<=|>=|<>|[=<>(),+-]|[:#]?\w+")
_FUNCTIONS = frozenset({"attribute_exists", "attribute_not_exists", "begins_with", "contains"})
_ORDERED = frozenset("SNB")
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda one, other: bool(one < other),
    "<=": lambda one, other: bool(one <= other),
    ">": lambda one, other: bool(one > other),
    ">=": lambda one, other: bool(one >= other),
}


class InvalidRequestError(Exception):
    """AWS returns a ValidationException."""


class Scope(NamedTuple):
    """The scope of an expression: the request's names and values, and an item."""

    names: Mapping[str, str]
    values: Mapping[str, Value]
    item: Item

    def of(self, item: Item) -> "Scope":
        return self._replace(item=item)


@dataclass(frozen=True, slots=True)
class Expression[**P, R]:
    """A parsed expression: the names and values of a request that it needs, and the function to run."""

    placeholders: frozenset[str]
    run: Callable[P, R]


@dataclass(frozen=True, slots=True)
class KeyRange:
    """A key condition: one partition, and a condition on the sort key."""

    partition_name: str
    partition: str
    order_name: str | None
    in_range: Test
    scope: Scope

    def check(self, partition: str, order: str | None = None) -> None:
        """Raise InvalidRequestError if these are not the names of the key."""
        if self.partition_name != partition or self.order_name not in {None, order}:
            raise InvalidRequestError("Query condition missed key schema element")

    def __contains__(self, item: Item) -> bool:
        """Whether an item matches."""
        return item[self.partition_name]["S"] == self.partition and self.in_range(self.scope.of(item))


# ---- values


def plain(value: Value) -> Plain:
    """Return a value in a form that can be compared. Raises InvalidRequestError for values that AWS rejects."""
    if len(value) != 1:
        raise InvalidRequestError("Supplied AttributeValue has not exactly one type")
    ((kind, content),) = value.items()
    match kind:
        case "S" | "BOOL" | "B":
            return kind, content
        case "NULL" if content is True:
            return kind, content
        case "N":
            return kind, _number(content)
        case "SS" | "NS" | "BS":
            held = frozenset(plain({kind[0]: each}) for each in content)
            if not content or len(held) < len(content):
                raise InvalidRequestError(f"An {kind} must not be empty nor contain duplicates")
            return kind, held
        case "L":
            return kind, tuple(plain(each) for each in content)
        case "M":
            return kind, frozenset((name, plain(each)) for name, each in content.items())
    raise InvalidRequestError(f"Supplied AttributeValue is no {kind}")


@cache
def _number(text: str) -> Decimal:
    if not re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", text):
        raise InvalidRequestError("The parameter cannot be converted to a numeric value")
    number = Decimal(text)
    if len(number.as_tuple().digits) > _MOST_DIGITS:
        raise InvalidRequestError(f"Attempting to store more than {_MOST_DIGITS} significant digits in a Number")
    return number


# ---- the parser


@dataclass(slots=True)
class _Parser:
    """Reads an expression from left to right."""

    expression: str
    tokens: list[str] = field(init=False)
    placeholders: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        if len(self.expression.encode()) > _MOST_BYTES:
            raise InvalidRequestError("Expression size has exceeded the maximum allowed size")
        self.tokens = _TOKEN.findall(self.expression)
        if "".join(self.tokens) != re.sub(r"\s", "", self.expression):
            raise NotImplementedError(self.expression)
        if not self.tokens:
            raise InvalidRequestError("The expression can not be empty")

    def wrong(self) -> InvalidRequestError:
        near = self.tokens[0] if self.tokens else "<EOF>"
        return InvalidRequestError(f"Syntax error near {near}: {self.expression}")

    def at(self, *words: str) -> bool:
        return bool(self.tokens) and self.tokens[0].upper() in words

    def take(self) -> str:
        if not self.tokens:
            raise self.wrong()
        return self.tokens.pop(0)

    def skip(self, word: str) -> None:
        if not self.at(word):
            raise self.wrong()
        self.take()

    def many[T](self, one: Callable[[], T]) -> list[T]:
        found = [one()]
        while self.at(","):
            self.take()
            found.append(one())
        return found

    def done[**P, R](self, run: Callable[P, R]) -> Expression[P, R]:
        if self.tokens:
            raise self.wrong()
        return Expression(frozenset(self.placeholders), run)

    # ---- operands

    def path(self) -> Callable[[Scope], str]:
        """Read an attribute's name or its placeholder."""
        word = self.take()
        if word.startswith("#"):
            self.placeholders.add(word)
            return lambda scope: scope.names[word]
        if not re.fullmatch(r"[A-Za-z_]\w*", word):
            raise self.wrong()
        if word.lower() in RESERVED:
            raise InvalidRequestError(f"Attribute name is a reserved keyword; reserved keyword: {word}")
        return lambda _scope: word

    def value(self) -> Read:
        """Read a value's placeholder."""
        word = self.take()
        if not word.startswith(":"):
            raise self.wrong()
        self.placeholders.add(word)
        return lambda scope: scope.values[word]

    def stored(self) -> Read:
        name = self.path()
        return lambda scope: scope.item.get(name(scope))

    def operand(self) -> Read:
        """Read an operand: an attribute, a value, or a size."""
        if self.at("SIZE") and self.tokens[1:2] == ["("]:
            self.take()
            self.take()
            sized = self.operand()
            self.skip(")")
            return lambda scope: _size(sized(scope))
        return self.value() if self.tokens and self.tokens[0].startswith(":") else self.stored()

    # ---- conditions

    def either(self) -> Test:
        terms = [self.both()]
        while self.at("OR"):
            self.take()
            terms.append(self.both())
        return terms[0] if len(terms) == 1 else lambda scope: any(term(scope) for term in terms)

    def both(self) -> Test:
        terms = [self.opposite()]
        while self.at("AND"):
            self.take()
            terms.append(self.opposite())
        return terms[0] if len(terms) == 1 else lambda scope: all(term(scope) for term in terms)

    def opposite(self) -> Test:
        if not self.at("NOT"):
            return self.term()
        self.take()
        inner = self.opposite()
        return lambda scope: not inner(scope)

    def term(self) -> Test:
        if self.at("("):
            self.take()
            inner = self.either()
            self.skip(")")
            return inner
        if self.tokens[1:2] == ["("] and not self.at("SIZE"):
            return self.function()
        left = self.operand()
        if self.at("BETWEEN"):
            self.take()
            low = self.operand()
            self.skip("AND")
            high = self.operand()
            return lambda scope: _ordered(">=", left(scope), low(scope)) & _ordered("<=", left(scope), high(scope))
        match self.take():
            case "=":
                right = self.operand()
                return lambda scope: _equal(left(scope), right(scope))
            case "<>":
                right = self.operand()
                return lambda scope: not _equal(left(scope), right(scope))
            case "<" | "<=" | ">" | ">=" as sign:
                right = self.operand()
                return lambda scope: _ordered(sign, left(scope), right(scope))
            case other:
                raise NotImplementedError(f"{other} in {self.expression}")

    def function(self) -> Test:
        name = self.take()
        if name not in _FUNCTIONS:
            raise NotImplementedError(name)
        self.skip("(")
        stored = self.stored()
        if name.startswith("attribute_"):
            self.skip(")")
            exists = name == "attribute_exists"
            return lambda scope: (stored(scope) is not None) is exists
        self.skip(",")
        given = self.operand()
        self.skip(")")
        within = _contains if name == "contains" else _begins_with
        return lambda scope: within(stored(scope), given(scope))


def _equal(one: Value | None, other: Value | None) -> bool:
    return one is not None and other is not None and plain(one) == plain(other)


def _ordered(sign: str, one: Value | None, other: Value | None) -> bool:
    if one is None or other is None:
        return False
    (kind, left), (other_kind, right) = plain(one), plain(other)
    if not {kind, other_kind} <= _ORDERED:
        raise InvalidRequestError(f"Incorrect operand type for operator {sign}")
    # Text sorted by its UTF-8 bytes is sorted by its code points.
    return kind == other_kind and _COMPARE[sign](left, right)


def _contains(stored: Value | None, given: Value | None) -> bool:
    if stored is None or given is None:
        return False
    (kind, held), wanted = plain(stored), plain(given)
    match kind:
        case "S":
            return wanted[0] == "S" and wanted[1] in held
        case "SS" | "NS" | "L":
            return wanted in held
    raise NotImplementedError(f"contains in {kind}")


def _begins_with(stored: Value | None, given: Value | None) -> bool:
    if stored is None or given is None:
        return False
    (kind, held), (other_kind, start) = plain(stored), plain(given)
    if not {kind, other_kind} <= {"S"}:
        raise NotImplementedError("begins_with of anything but text")
    return bool(held.startswith(start))


def _size(value: Value | None) -> Value | None:
    if value is None:
        return None
    kind, held = plain(value)
    if kind in {"N", "BOOL", "NULL"}:
        raise InvalidRequestError("Invalid operand type for operator or function: size")
    if kind == "S" and not held.isascii():
        raise NotImplementedError("the size of text that is not ASCII")
    return {"N": str(len(held))}


@cache
def condition(expression: str) -> Expression[[Scope], bool]:
    """Return a parsed condition or filter."""
    parser = _Parser(expression)
    return parser.done(parser.either())


@cache
def key_condition(expression: str) -> Expression[[Scope], KeyRange]:
    """Return a parsed key condition: the partition key's value, and a range of the sort key."""
    parser = _Parser(expression)
    partition = parser.path()
    parser.skip("=")
    given = parser.value()
    order: Callable[[Scope], str] | None = None
    in_range: Test = lambda _scope: True  # noqa: E731 - two ways to make one
    if parser.at("AND"):
        parser.take()
        place = 2 if parser.at("BEGINS_WITH") else 0
        if parser.at("(", "NOT", "SIZE") or parser.tokens[1:2] == ["<>"]:
            raise parser.wrong()
        # Parse the word again, for its name alone.
        order = _Parser(" ".join(parser.tokens[place : place + 1])).path()
        in_range = parser.term()

    def run(scope: Scope) -> KeyRange:
        value = given(scope)
        assert value
        if not value.get("S"):
            raise InvalidRequestError("One or more parameter values were invalid: Condition parameter type")
        return KeyRange(partition(scope), value["S"], order(scope) if order else None, in_range, scope)

    return parser.done(run)


@cache
def projection(expression: str) -> Expression[[Scope], frozenset[str]]:
    """Return a parsed projection."""
    parser = _Parser(expression)
    names = parser.many(parser.path)
    return parser.done(lambda scope: frozenset(name(scope) for name in names))


# ---- updates

type _Change = Callable[[Scope], tuple[str, Value | None]]  # an attribute's name and new value, None to remove it


@cache
def update(expression: str) -> Expression[[Scope], frozenset[str]]:
    """Return a parsed update. It changes the scope's item in place and returns the names of the changed attributes."""
    parser = _Parser(expression)
    clauses: dict[str, Callable[[], _Change]] = {
        "SET": lambda: _set(parser),
        "REMOVE": lambda: _remove(parser),
        "ADD": lambda: _add(parser),
        "DELETE": lambda: _delete(parser),
    }
    changes: list[_Change] = []
    while parser.tokens:
        clause = clauses.pop(parser.take().upper(), None)  # each may occur once
        if clause is None:
            raise parser.wrong()
        changes += parser.many(clause)

    def run(scope: Scope) -> frozenset[str]:
        written = [change(scope) for change in changes]  # all of them see the item as it was before
        names = frozenset(name for name, _ in written)
        if len(names) < len(written):
            raise InvalidRequestError("Two document paths overlap with each other")
        for name, value in written:
            if value is None:
                scope.item.pop(name, None)
            else:
                scope.item[name] = value
        return names

    return parser.done(run)


def _set(parser: _Parser) -> _Change:
    name = parser.path()
    parser.skip("=")
    left = _term(parser)
    sign = parser.take() if parser.at("+", "-") else ""
    right = _term(parser) if sign else None

    def change(scope: Scope) -> tuple[str, Value | None]:
        value = left(scope)
        if value is None:
            raise InvalidRequestError("The provided expression refers to an attribute that does not exist in the item")
        return name(scope), _sum(value, right(scope), 1 if sign == "+" else -1) if right else value

    return change


def _term(parser: _Parser) -> Read:
    if parser.tokens[1:2] != ["("]:
        return parser.operand()
    if parser.take() != "if_not_exists":
        raise NotImplementedError(parser.expression)
    parser.skip("(")
    stored = parser.stored()
    parser.skip(",")
    otherwise = parser.operand()
    parser.skip(")")
    return lambda scope: otherwise(scope) if (value := stored(scope)) is None else value


def _remove(parser: _Parser) -> _Change:
    name = parser.path()
    return lambda scope: (name(scope), None)


def _add(parser: _Parser) -> _Change:
    name, given = parser.path(), parser.value()

    def change(scope: Scope) -> tuple[str, Value | None]:
        stored, more = scope.item.get(name(scope)), given(scope)
        assert more
        kind = plain(more)[0]
        if kind == "N":
            return name(scope), _sum(stored or {"N": "0"}, more, 1)
        return name(scope), {kind: sorted({*_held(stored, kind), *_held(more, kind)})}

    return change


def _delete(parser: _Parser) -> _Change:
    name, given = parser.path(), parser.value()

    def change(scope: Scope) -> tuple[str, Value | None]:
        more = given(scope)
        assert more
        kind = plain(more)[0]
        left = sorted(set(_held(scope.item.get(name(scope)), kind)) - set(_held(more, kind)))
        return name(scope), {kind: left} if left else None

    return change


def _held(value: Value | None, kind: str) -> list[str]:
    if kind != "SS":
        raise NotImplementedError(f"ADD or DELETE of {kind}")
    if value is not None and kind not in value:
        raise InvalidRequestError("An operand in the update expression has an incorrect data type")
    return list(value[kind]) if value else []


def _sum(one: Value, other: Value | None, sign: int) -> Value:
    if other is None or plain(one)[0] != "N" or plain(other)[0] != "N":
        raise InvalidRequestError("An operand in the update expression has an incorrect data type")
    return {"N": str(_EXACT.add(plain(one)[1], _EXACT.multiply(Decimal(sign), plain(other)[1])))}
