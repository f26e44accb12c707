"""Python programs in environments of their own. Their packages are pinned by hash in the lists of this folder.

They would add a hundred packages to the project's lock, and other versions of those that it has.
"""

import shutil
import subprocess
from pathlib import Path
from zlib import crc32

ROOT = Path(__file__).parents[2]


def program(name: str) -> Path:
    """Return the path of a program, such as "checkov". The first call installs it, and needs the network."""
    pinned = Path(__file__).with_name(f"{name}-requirements.txt")
    home = ROOT / ".local" / f"{name}-{crc32(pinned.read_bytes())}"
    if not home.exists():
        partial = home.with_name(f"{home.name}.partial")
        uv = str(ROOT / "tools" / "bin" / "uv")
        python = str(partial / "bin" / "python")
        options = ("--quiet", "--only-binary", ":all:", "--require-hashes", "--python", python)
        # Its scripts name the folder that they are in: so they must be able to move.
        made = (uv, "venv", "--quiet", "--clear", "--relocatable", "--python", "3.13", str(partial))
        subprocess.run(made, check=True, cwd=ROOT)
        subprocess.run((uv, "pip", "sync", *options, str(pinned)), check=True, cwd=ROOT)
        shutil.move(partial, home)
    return home / "bin" / name
