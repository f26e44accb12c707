"""The copy that an error or an interruption leaves behind. It has health data, so every such end names it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from shared.store.audit import AuditError
from tools.operate.errors import explained
from tools.operate.restore.copies import Copy, CopyGoneError
from tools.operate.stack import OperateError

_EXPECTED: Final = (OperateError, ClientError, BotoCoreError, AuditError, TimeoutError, KeyboardInterrupt)
_STILL_THERE: Final = "The copy {name} is still there. Run the same command again, or delete it: {delete}"
_MAY_BE_THERE: Final = "DynamoDB may have begun the copy {name}. Run the same command again, or delete it: {delete}"


def still_there(copy: Copy) -> str:
    """Return that the copy is still there, and what to do about it."""
    return _STILL_THERE.format(name=copy.name, delete=copy.how_to_delete())


@contextmanager
def naming(copy: Copy, say: Callable[[str], object], *, is_there: bool = True) -> Iterator[None]:
    """Let each error and each interruption end with what is left: the copy, if it `is_there`. Raises OperateError."""
    try:
        yield
    except CopyGoneError:
        raise
    except _EXPECTED as error:
        raise OperateError(f"{why(error)}\n{still_there(copy)}" if is_there else why(error)) from None
    except BaseException:  # the traceback follows
        if is_there:
            say(still_there(copy))
        raise


def begin(copy: Copy) -> None:
    """Ask DynamoDB for the copy. If its answer is lost, the copy may be there. Raises OperateError and ClientError."""
    try:
        copy.begin()
    except (BotoCoreError, KeyboardInterrupt) as error:
        left = _MAY_BE_THERE.format(name=copy.name, delete=copy.how_to_delete())
        raise OperateError(f"{why(error)}\n{left}") from None


def deleted(copy: Copy) -> str:
    """Delete the copy, and say so. This comes last, and an error is said too."""
    try:
        copy.delete()
    except (ClientError, BotoCoreError, KeyboardInterrupt) as error:
        return f"{why(error)}\nEverything else is done. {still_there(copy)}"
    return f"The copy {copy.name} is deleted."


def why(error: BaseException) -> str:
    """Return why something ended, in words."""
    match error:
        case OperateError() | ClientError() | BotoCoreError():
            return explained(error)
        case AuditError():
            return f"The audit cannot be written or read ({error.reason})."
        case TimeoutError():
            return f"Stopped: {error}."
    return "Stopped."
