"""Bytecode made at build time: Lambda's code folders are read-only, so what is not compiled here is compiled at every
cold start, which triples its instructions."""  # noqa: D205, D209 - one sentence

import compileall
import py_compile
import shutil
from pathlib import Path


def precompile(folder: Path, *, keep_sources: bool) -> None:
    """Compile every module below `folder`. Raises RuntimeError where one does not compile.

    Without `keep_sources`, bytecode takes the place of its source, which Python would never read.
    """
    for stale in folder.rglob("__pycache__"):
        shutil.rmtree(stale)
    # Unchecked hashes: a SAM zip dates every file 1980, so bytecode that is checked by time is thrown away and made
    # anew. Workers 0: one a core.
    compiled = compileall.compile_dir(
        str(folder),
        quiet=1,
        workers=0,
        legacy=not keep_sources,  # module.pyc in the place of module.py
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        stripdir=str(folder),
    )
    if not compiled:
        raise RuntimeError(f"could not compile every module below {folder}")
    if not keep_sources:
        for source in folder.rglob("*.py"):
            source.unlink()
