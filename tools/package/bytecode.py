"""Compiles modules to bytecode at build time.

Lambda's code folders are read-only, so Python would compile the modules at every cold start. That triples the
instructions of a cold start.
"""

import compileall
import py_compile
import shutil
from pathlib import Path


def precompile(folder: Path, *, keep_sources: bool) -> None:
    """Compile every module below `folder`. Raises RuntimeError if a module does not compile.

    Without `keep_sources`, the bytecode replaces its source, which Python would never read.
    """
    for stale in folder.rglob("__pycache__"):
        shutil.rmtree(stale)
    # Unchecked hashes: SAM dates every file in a zip 1980, so Python would discard bytecode that it checks by time and
    # compile again. workers=0 means one per core.
    compiled = compileall.compile_dir(
        str(folder),
        quiet=1,
        workers=0,
        legacy=not keep_sources,  # module.pyc instead of module.py
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        stripdir=str(folder),
    )
    if not compiled:
        raise RuntimeError(f"Could not compile every module below {folder}. The output above names the module.")
    if not keep_sources:
        for source in folder.rglob("*.py"):
            source.unlink()
