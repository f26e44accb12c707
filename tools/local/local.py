"""The whole system on this machine: the emulator with our stack, the sample site and the mailbox."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from tools.local.deployment import DeploymentError, build, deploy
from tools.local.emulator import ROOT, Emulator, install, installed
from tools.local.outbox import NoMailError, Outbox
from tools.local.parameters import ACCOUNTS, STACK_NAME, Account, parameters
from tools.local.ports import HOST, free_port
from tools.local.progress import complain, step
from tools.local.web import mailbox_server, serving, site_server

LOCAL = ROOT / ".local"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """URLs of all servers and of the desk, the names of the stack and its table, and the accounts at the desk."""

    api: str
    site: str
    mailbox: str
    aws: str
    desk: str
    table: str
    stack: str
    accounts: tuple[Account, ...]

    def document(self) -> dict[str, object]:
        """Return these as a mapping, for endpoints.json."""
        accounts = [{"email": each.email, "password": each.password, "role": each.role} for each in self.accounts]
        return asdict(self) | {"accounts": accounts}


@contextmanager
def local_system(  # noqa: PLR0913 - each is given by its name
    *,
    aws_port: int,
    site_port: int,
    mailbox_port: int,
    state: Path | None,
    work: Path,
    more_origins: tuple[str, ...] = (),
) -> Iterator[Endpoints]:
    """Start everything, yield the endpoints and stop everything at the end. `work` gets the logs and the build.

    Scripts on the sample page and on `more_origins` can read the API's answers.
    """
    if not installed():
        with step("Downloading the local AWS (first run only)"):
            install()
    with step("Building with the SAM CLI (the first run downloads it)"):
        build(work / "build", work / "logs" / "sam-build.log")
    with step("Starting the local AWS"):
        emulator = Emulator(aws_port, log=work / "logs" / "aws.log", enforce_iam=True, state=state).__enter__()
    try:
        origins = [f"http://{host}:{site_port}" for host in (HOST, "localhost")]
        with step("Deploying with the SAM CLI"):
            try:
                stack = deploy(
                    emulator.url,
                    work / "build",
                    work / "logs" / "sam-deploy.log",
                    name=STACK_NAME,
                    parameters=parameters(*origins, *more_origins),
                )
            except DeploymentError as error:
                if state is None:
                    raise
                # The emulator does not support every update that AWS does, such as a new key for a table.
                hint = (
                    f"If it cannot update an earlier run's stack, delete the local data and try again: rm -rf {state}"
                )
                raise DeploymentError(f"{error}\n{hint}") from error
        outbox = Outbox(emulator.url, state / "outbox.json" if state else None)
        with (
            serving(site_server(site_port, stack.api)) as site,
            serving(mailbox_server(mailbox_port, outbox)) as mailbox,
        ):
            yield Endpoints(
                api=stack.api,
                site=site,
                mailbox=mailbox,
                aws=emulator.url,
                desk=stack.desk.url,
                table=stack.table,
                stack=stack.name,
                accounts=ACCOUNTS,
            )
            try:
                outbox.keep()
            except NoMailError as error:
                complain(f"Could not save the emails of this run. {error}")
    finally:
        with step("Stopping the local AWS"):
            emulator.stop()


def throwaway_system() -> AbstractContextManager[Endpoints]:
    """Start the same system on free ports and keep nothing, so it can run next to `make run`."""
    return local_system(
        aws_port=free_port(), site_port=free_port(), mailbox_port=free_port(), state=None, work=LOCAL / "demo"
    )
