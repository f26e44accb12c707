"""Command line: `python -m tools.package layer NAME DIR` or `python -m tools.package function NAME DIR`."""

import argparse
import os
import sys
from pathlib import Path

from tools.package.bytecode import precompile
from tools.package.clinic import check_clinic
from tools.package.function import copy_function
from tools.package.layer import ARCHITECTURES, LAYERS, install_layer

ROOT = Path(__file__).parents[2]


def main() -> int:
    """Build one artifact into the folder that SAM passes."""
    parser = argparse.ArgumentParser(prog="tools.package", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    layer = commands.add_parser("layer", help="third-party packages, as uv.lock pins them")
    layer.add_argument("name", choices=LAYERS)
    layer.add_argument("artifacts", type=Path)
    function = commands.add_parser("function", help="build a function: the modules of our own code that it imports")
    function.add_argument("name")
    function.add_argument("artifacts", type=Path)
    options = parser.parse_args()

    if options.command == "layer":
        # Our template's default on any machine. If the parameter Architecture is x86_64, the build must match.
        architecture = os.environ.get("LAMBDA_ARCHITECTURE", "arm64")
        if architecture not in ARCHITECTURES:
            print(f"LAMBDA_ARCHITECTURE is {architecture!r}. Use {' or '.join(ARCHITECTURES)}.", file=sys.stderr)
            return 2
        install_layer(ROOT, options.name, options.artifacts, architecture)
    else:
        if problem := check_clinic(ROOT / "functions"):
            print(problem, file=sys.stderr)
            return 1
        copy_function(ROOT / "functions", options.name, options.artifacts)
    # Keep our own sources, so they are readable in the Lambda console. Third-party packages are a third smaller without
    # sources, and PyPI has the sources of the versions in uv.lock.
    precompile(options.artifacts, keep_sources=options.command == "function")
    return 0


sys.exit(main())
