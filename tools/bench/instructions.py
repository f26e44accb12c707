"""Counting instructions, the figure that other work on the machine does not change.

By the processor's own counters where the machine lets us (`perf stat`), by valgrind where it is installed, in user
space both. Without either, CPU time has to do.
"""

import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Counter:
    """A way of counting. `command(file)` is put before a program and writes into `file`, which `read` understands."""

    name: str
    command: Callable[[Path], Sequence[str]]
    pattern: re.Pattern[str]

    def read(self, file: Path) -> int:
        """Return how many instructions the program took. Raises ValueError where nothing was counted."""
        if (match := self.pattern.search(file.read_text(encoding="utf-8"))) is None:
            raise ValueError(f"{self.name} counted nothing: see {file}")
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
    """Return the best way of counting that works on this machine, or None."""
    folder.mkdir(parents=True, exist_ok=True)  # a fresh clone has none, and a counter that cannot write counts nothing
    for each in (PERF, VALGRIND):
        file = folder / f"{each.name.split()[0]}.txt"
        if shutil.which(each.command(file)[0]) is None:
            continue
        done = subprocess.run([*each.command(file), "true"], check=False, capture_output=True)
        if done.returncode == 0 and file.exists() and each.pattern.search(file.read_text(encoding="utf-8")):
            return each
    return None
