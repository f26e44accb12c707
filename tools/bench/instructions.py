"""Counts instructions in user space, a figure that other work on the machine does not change.

Uses the processor's counters (`perf stat`) if the machine allows it, otherwise valgrind if it is installed. Without
either, the benchmark uses CPU time instead.
"""

import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Counter:
    """A counting method. `command(file)` is the prefix of a program's command; it writes a `file` for `read`."""

    name: str
    command: Callable[[Path], Sequence[str]]
    pattern: re.Pattern[str]

    def read(self, file: Path) -> int:
        """Return the number of instructions that the program took. Raises ValueError if there is no count."""
        if (match := self.pattern.search(file.read_text(encoding="utf-8"))) is None:
            raise ValueError(f"{self.name} counted nothing. See {file} for its output.")
        return int(match[1])


PERF = Counter(
    "perf stat",
    lambda file: ("perf", "stat", "--field-separator", ",", "--event", "instructions:u", "--output", str(file)),
    re.compile(r"^(\d+),[^,]*,instructions", re.MULTILINE),
)
VALGRIND = Counter(
    "valgrind",
    lambda file: ("valgrind", "--tool=cachegrind", "--cache-sim=no", "--quiet", f"--cachegrind-out-file={file}"),
    re.compile(r"^summary: (\d+)", re.MULTILINE),
)


def counter(folder: Path) -> Counter | None:
    """Return the best counting method that works on this machine, or None."""
    folder.mkdir(parents=True, exist_ok=True)  # a fresh clone has no such folder, and a counter needs it to write
    for each in (PERF, VALGRIND):
        file = folder / f"{each.name.split()[0]}.txt"
        if shutil.which(each.command(file)[0]) is None:
            continue
        done = subprocess.run([*each.command(file), "true"], check=False, capture_output=True)
        if done.returncode == 0 and file.exists() and each.pattern.search(file.read_text(encoding="utf-8")):
            return each
    return None
