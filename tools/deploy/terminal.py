"""The conversation with the person at the terminal."""

import sys
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tools.deploy.errors import StoppedError
from tools.deploy.rules import AnswerError, Check

WIDTH: Final = 100
_YES: Final = {"y", "yes"}
_NO: Final = {"n", "no"}


def _read(prompt: str) -> str:
    typed = input(prompt)
    if not sys.stdin.isatty():
        print(typed, flush=True)  # a pipe does not show what it sends
    return typed


def _say(text: str) -> None:
    print(text, flush=True)


def printable() -> None:
    """Let people type and read any character, whatever the terminal's encoding is."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(errors="replace" if stream is sys.stdin else "backslashreplace")


@dataclass(frozen=True, slots=True)
class Terminal:
    """Asks and tells. Tests replace both."""

    read: Callable[[str], str] = _read
    write: Callable[[str], None] = _say

    def say(self, text: str = "") -> None:
        """Print a line."""
        self.write(text)

    def note(self, text: str, indent: str = "  ", hang: str = "") -> None:
        """Print a paragraph, broken into lines. Its first line starts with `hang`, and the others below its end.

        A line break begins a command, which stays in one piece.
        """
        words, *commands = text.split("\n")
        self.write(
            textwrap.fill(
                words,
                WIDTH,
                initial_indent=indent + hang,
                subsequent_indent=indent + " " * len(hang),
                break_on_hyphens=False,
                break_long_words=False,
            )
        )
        for command in commands:
            self.write(f"{indent}{' ' * len(hang)}{command}")

    def heading(self, text: str) -> None:
        """Print the title of what follows."""
        self.write(f"\n{text}\n{'-' * len(text)}")

    def ask(self, prompt: str, check: Check) -> str:
        """Ask until the answer passes `check`, which returns the value. Raises StoppedError if no answers are left."""
        while True:
            try:
                return check(self._typed(prompt))
            except AnswerError as error:
                self.note(str(error), "  ! ")

    def agrees(self, question: str) -> bool:
        """Ask for a yes or no. Enter is a no, because what follows changes something."""

        def check(typed: str) -> str:
            answer = typed.strip().lower()
            if answer in {"", *_NO}:
                return "no"
            if answer in _YES:
                return "yes"
            raise AnswerError("Type y for yes, or n for no.")

        return self.ask(f"{question} [y/N]: ", check) == "yes"

    def _typed(self, prompt: str) -> str:
        try:
            return self.read(prompt)
        except EOFError:
            raise StoppedError("No more answers.") from None
