"""A build whose deployment stops after some of its resources, as when a deployment fails half-way on AWS."""

import json
import os
import shutil
from collections.abc import Collection
from pathlib import Path

import yaml

# It waits for a signal that nobody sends, and fails after a second.
_STOP = "Interruption"


def interrupted(build: Path, folder: Path, after: Collection[str]) -> Path:
    """Copy a build to `folder`, changed so that its deployment fails once the resources named in `after` are new.

    The functions that are not in `after` stay what they were.
    """
    shutil.copytree(build, folder, copy_function=os.link)
    template = yaml.safe_load((build / "template.yaml").read_text("utf-8"))
    resources = template["Resources"]
    missing = set(after) - resources.keys()
    assert not missing, f"there is no {missing} in {build}/template.yaml"
    for name, resource in resources.items():
        if resource["Type"] == "AWS::Serverless::Function" and name not in after:
            resource["DependsOn"] = _STOP
    handle = f"{_STOP}Handle"
    resources[handle] = {"Type": "AWS::CloudFormation::WaitConditionHandle"}
    resources[_STOP] = {
        "Type": "AWS::CloudFormation::WaitCondition",
        "DependsOn": sorted(after),
        "Properties": {"Handle": {"Ref": handle}, "Timeout": "1"},
    }
    (folder / "template.yaml").unlink()  # a link to the file of the other build
    (folder / "template.yaml").write_text(json.dumps(template), "utf-8")
    return folder
