"""A function's artifact: the modules its handler reaches, the files beside them, and the clinic's settings."""

import shutil
from modulefinder import ModuleFinder
from pathlib import Path

from tools.package.clinic import write_clinic

_NOT_SHIPPED = {".py", ".pyc"}
_TEXT = Path("shared/text")


def reached_modules(functions: Path, name: str) -> set[Path]:
    """Return the source files, relative to `functions`, that `<name>/handler.py` imports, including itself."""
    functions = functions.resolve()  # ModuleFinder returns resolved paths
    if not (functions / name / "handler.py").is_file():
        raise FileNotFoundError(f"{functions / name / 'handler.py'} does not exist")
    finder = ModuleFinder(path=[str(functions)])  # other modules are in the layer or in Python
    finder.import_hook(f"{name}.handler")
    files = (getattr(module, "__file__", None) for module in finder.modules.values())
    found = {Path(file).relative_to(functions) for file in files if file}
    # A function loads the language that a visitor reads, so no import statement names it.
    if _TEXT / "__init__.py" in found:
        found |= {path.relative_to(functions) for path in (functions / _TEXT).rglob("*.py")}
    return found


def copy_function(functions: Path, name: str, artifacts: Path) -> None:
    """Copy the parts of our own code that the function `name` needs into `artifacts`."""
    modules = reached_modules(functions, name)
    rooms = {_room(module) for module in modules}
    files = {
        path.relative_to(functions)
        for room in rooms
        for path in (functions / room).rglob("*")
        if path.is_file() and path.suffix not in _NOT_SHIPPED
    }
    for path in sorted(modules | files):
        (artifacts / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(functions / path, artifacts / path)
    write_clinic(functions, artifacts)


def _room(module: Path) -> Path:
    """Return the folder whose templates and other files ship with `module`: a function's or one in shared/."""
    return Path(*module.parts[: 2 if module.parts[0] == "shared" else 1])
