from collections.abc import Iterator

import pytest

from tests.deployed import Deployed
from tests.integration.probe import Probe, probing


@pytest.fixture(scope="session")
def submit_role(deployed: Deployed) -> str:
    """The name of the public function's role."""
    configuration = deployed.lambdas.get_function_configuration(FunctionName=f"{deployed.stack.name}-submit")
    return configuration["Role"].rsplit("/", 1)[-1]


@pytest.fixture(scope="module")
def probe(deployed: Deployed) -> Iterator[Probe]:
    """Call AWS under the role of a function."""
    with probing(deployed) as probe:
        yield probe
