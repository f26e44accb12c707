"""Print the parameters that SAM reads from samconfig.toml, as JSON: `python sam_parameters.py FILE ENVIRONMENT`.

Run by the SAM CLI's own Python (see test_samconfig.py), which is not in the project's environment.
"""

import json
import sys
from pathlib import Path

from samcli.cli.types import CfnParameterOverridesType  # type: ignore[import-not-found] # not in our environment
from samcli.lib.config.samconfig import SamConfig  # type: ignore[import-not-found] # the same

file, environment = Path(sys.argv[1]), sys.argv[2]
settings = SamConfig(file.parent, file.name).get_all(["deploy"], "parameters", environment)
overrides = CfnParameterOverridesType().convert(settings["parameter_overrides"], None, None)
print(json.dumps({**settings, "parameter_overrides": overrides}))  # noqa: T201 - read by the test
