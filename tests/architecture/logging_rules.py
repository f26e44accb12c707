"""What log calls and metrics may contain: static text and known fields. Works on source text, so tests can feed it
mistakes.
"""

import ast
from collections.abc import Iterator

from tests.architecture.emitted_metrics import metric_names
from tests.architecture.source import calls, is_name

_LEVELS = ("debug", "info", "warning", "error", "critical")

# Attributes of our own exceptions that quote no user input.
_SAFE_ATTRIBUTES = {"maybe_written", "nothing_stored", "problems", "reason"}

# Only this module reads environment variables, which may hold a key or credentials.
_READS_THE_ENVIRONMENT = "functions/shared/runtime/settings.py"
# Names of what holds a key.
_HOLD_A_KEY = {"environ", "environment", "getenv", "get_secret_value", "settings", "_settings", "id_key"}

# Fields that never contain text a visitor wrote. Think before you add one.
_FIELDS = {
    "action",  # which link in an email someone used
    "actor",  # a recipient's id, "operator" or "system"
    "attempt",
    "error",
    "fields",  # names of form fields
    "counts",
    "erasure",  # the id of an order to erase
    "lead_id",
    "lead_ids",
    "leads",  # how many
    "maybe_written",
    "problems",  # what an erasure left behind, in words from functions/erase
    "recipient",  # an id, not the address
    "message_id",
    "nothing_stored",
    "outcome",
    "signal",
    "failures",
    "count",
    "reason",  # an error code of SES or Cloudflare, or an error's name
    "reasons",  # ids from the list in shared/leads/spam.py
    "recipients",  # ids, with SES's answer for each
    "reference",
    "score",  # a sum of the weights in shared/leads/spam.py
    "sequence",
    "step",  # of an erasure
    "stored",
}


def wrong_logging(place: str, source: str) -> list[str]:
    """Return the problems with logs and metrics in one module, each with its line and the fix."""
    tree = ast.parse(source)
    found = (*_everywhere(tree), *_log_calls(tree), *_metrics(tree), *_keys(tree, place))
    return [f"{place}:{line}: {problem}" for line, problem in found]


def _everywhere(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for call in calls(tree):
        if is_name(call.func, "print", "pprint"):
            yield call.lineno, "use the logger: printed text has no request id and escapes these rules"
        if is_name(call.func, "print_exc", "print_exception", "format_exc", "format_exception"):
            yield call.lineno, "a traceback quotes what a visitor wrote; use sanitized()"
        for keyword in call.keywords:
            if keyword.arg in {"exc_info", "stack_info", "log_event"}:
                yield call.lineno, f"no {keyword.arg}: it quotes what a visitor wrote"
    for node in ast.walk(tree):
        if not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        names = {alias.name for alias in node.names} | {getattr(node, "module", None)}
        if "logging" in names:
            yield node.lineno, "use the logger in shared/runtime/telemetry.py"
        if "Tracer" in names:
            yield node.lineno, "no Tracer: it captures answers and exceptions"


def _log_calls(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for call in calls(tree):
        if isinstance(call.func, ast.Attribute) and is_name(call.func.value, "logger"):
            if call.func.attr in _LEVELS:
                yield from ((call.lineno, problem) for problem in _problems(call, tree))
            elif call.func.attr in {"append_keys", "thread_safe_append_keys"}:
                yield from ((call.lineno, problem) for problem in _bound(call, tree))
            elif call.func.attr not in {"inject_lambda_context", "remove_keys", "thread_safe_remove_keys"}:
                yield call.lineno, f"no logger.{call.func.attr}: use one of {_LEVELS} with static words and extra"


def _bound(call: ast.Call, tree: ast.Module) -> Iterator[str]:
    """Return the problems with fields that are bound to all later lines."""
    if call.args:
        yield "name each field: append_keys(lead_id=...)"
    if strange := {str(keyword.arg) for keyword in call.keywords} - _FIELDS:
        yield f"{sorted(strange)}: add them to the known fields once you are sure that no visitor wrote them"
    if quoted := _quoted(call, tree):
        yield f"{sorted(quoted)} may quote a visitor: log sanitized(...) of it"


def _problems(call: ast.Call, tree: ast.Module) -> Iterator[str]:
    if len(call.args) != 1 or not _is_text(call.args[0]):
        yield "the message must be one plain string; data goes into extra={...}"
    if {keyword.arg for keyword in call.keywords} - {"extra"}:
        yield "data goes into extra={...} and nowhere else"
    for keyword in call.keywords:
        if strange := _fields(keyword.value, tree) - _FIELDS:
            yield f"{sorted(strange)}: add them to the known fields once you are sure that no visitor wrote them"
    if quoted := _quoted(call, tree):
        yield f"{sorted(quoted)} may quote a visitor: log sanitized(...) of it"


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and "%" not in node.value


def _fields(extra: ast.expr, tree: ast.Module) -> set[str]:
    """Return the names of the logged fields. `**details` counts with all that the module puts into `details`."""
    if not isinstance(extra, ast.Dict):
        return {f"**{ast.unparse(extra)}"}
    names = set()
    for key, value in zip(extra.keys, extra.values, strict=True):
        if isinstance(key, ast.Constant):
            names.add(str(key.value))
        elif key is None and isinstance(value, ast.Name):
            names |= _put_into(value.id, tree) or {f"**{value.id}"}
        else:
            names.add(f"({ast.unparse(key or value)})")
    return names


def _put_into(variable: str, tree: ast.Module) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store) and is_name(node.value, variable):
            key = node.slice
            names.add(str(key.value) if isinstance(key, ast.Constant) else f"({ast.unparse(key)})")
        if isinstance(node, ast.Assign) and any(is_name(target, variable) for target in node.targets):
            names |= _fields(node.value, tree)
    return names


def _quoted(call: ast.Call, tree: ast.Module) -> set[str]:
    """Return the caught exceptions that the call logs unchanged. `sanitized` and our own attributes are safe."""
    caught = {node.name for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler)}
    safe = {
        id(inner)
        for node in ast.walk(call)
        if (isinstance(node, ast.Attribute) and node.attr in _SAFE_ATTRIBUTES)
        or (isinstance(node, ast.Call) and is_name(node.func, "sanitized"))
        for inner in ast.walk(node)
    }
    names = (node for node in ast.walk(call) if isinstance(node, ast.Name) and id(node) not in safe)
    return {name.id for name in names if name.id in caught}


def _metrics(tree: ast.Module) -> Iterator[tuple[int, str]]:
    known = {id(call) for call, names in metric_names(tree) if names}
    for call in calls(tree):
        if is_name(call.func, "add_metric") and id(call) not in known and not _is_inherited(call):
            yield call.lineno, "a metric's name must be a string or a StrEnum of this module"
        if is_name(call.func, "add_dimension", "add_metadata"):
            yield call.lineno, "our metrics have one dimension, service, and no metadata"


def _keys(tree: ast.Module, place: str) -> Iterator[tuple[int, str]]:
    """Yield what may print a key: the environment, the settings, or the value of a secret."""
    handed_over = {id(argument) for call in calls(tree) if is_name(call.func, "LeadIds") for argument in call.args}
    for node in ast.walk(tree):
        name = _named(node)
        if name in {"environ", "getenv"} and place != _READS_THE_ENVIRONMENT:
            yield _line(node), "read settings with read_settings: the environment holds a key"
        if isinstance(node, ast.Call) and _named(node.func) == "get_secret_value" and id(node) not in handed_over:
            yield node.lineno, "pass the value of a key to LeadIds and nowhere else"
        shows = isinstance(node, ast.Raise | ast.JoinedStr) or (isinstance(node, ast.Call) and _shows(node.func))
        if shows and {_named(inner) for inner in ast.walk(node)} & _HOLD_A_KEY:
            yield _line(node), "no settings and no environment in a text: they hold a key"


def _named(node: ast.AST) -> str | None:
    match node:
        case ast.Name():
            return node.id
        case ast.Attribute():
            return node.attr
    return None


def _line(node: ast.AST) -> int:
    return int(getattr(node, "lineno", 0))


def _shows(function: ast.expr) -> bool:
    """Whether a call makes a text or logs one."""
    if isinstance(function, ast.Attribute) and is_name(function.value, "logger", "metrics"):
        return True
    return is_name(function, "print", "repr", "str", "dumps", "format", "model_dump", "model_dump_json", "vars")


def _is_inherited(call: ast.Call) -> bool:
    """Whether it is `super().add_metric(...)`, which passes on what a caller wrote. This rule looks at the caller."""
    return (
        isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Call)
        and is_name(call.func.value.func, "super")
    )
