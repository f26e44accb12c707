import pytest

from tests.deployed import Deployed


@pytest.fixture(scope="session")
def submit_role(deployed: Deployed) -> str:
    """The name of the public function's role."""
    configuration = deployed.lambdas.get_function_configuration(FunctionName=f"{deployed.stack.name}-submit")
    return configuration["Role"].rsplit("/", 1)[-1]
