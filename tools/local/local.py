"""The whole local system: the emulator with our stack on it, the sample site, the mailbox."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from tools.local.deployment import DeploymentError, build, deploy
from tools.local.emulator import ROOT, Emulator, install, installed
from tools.local.outbox import NoMailError, Outbox
from tools.local.parameters import STACK_NAME, parameters
from tools.local.ports import HOST, free_port
from tools.local.progress import complain, step
from tools.local.web import mailbox_server, serving, site_server

LOCAL = ROOT / ".local"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """Where everything is: URLs, and the names of the stack and its table."""

    api: str
    site: str
    mailbox: str
    aws: str
    table: str
    stack: str

    def document(self) -> dict[str, str]:
        """Return the same as a mapping, for endpoints.json."""
        return asdict(self)


@contextmanager
def local_system(
    *, aws_port: int, site_port: int, mailbox_port: int, state: Path | None, work: Path
) -> Iterator[Endpoints]:
    """Start everything, yield where it is, and stop it all on the way out. Logs and the build go below `work`."""
    if not installed():
        with step("Fetching the local AWS (first run only)"):
            install()
    with step("Building with the SAM CLI (the first run fetches it)"):
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
                    parameters=parameters(*origins),
                )
            except DeploymentError as error:
                if state is None:
                    raise
                # The emulator cannot update everything that AWS can, a table's key for one.
                hint = f"If it is an update of an earlier run's stack that fails, start afresh: rm -rf {state}"
                raise DeploymentError(f"{error}\n{hint}") from error
        outbox = Outbox(emulator.url, state / "outbox.json" if state else None)
        with (
            serving(site_server(site_port, stack.api)) as site,
            serving(mailbox_server(mailbox_port, outbox)) as mailbox,
        ):
            yield Endpoints(
                api=stack.api, site=site, mailbox=mailbox, aws=emulator.url, table=stack.table, stack=stack.name
            )
            try:
                outbox.keep()
            except NoMailError as error:
                complain(f"The mails of this run are not kept. {error}")
    finally:
        with step("Stopping the local AWS"):
            emulator.stop()


def throwaway_system() -> AbstractContextManager[Endpoints]:
    """Start the same on free ports and keep nothing, so that it runs beside `make run`."""
    return local_system(
        aws_port=free_port(), site_port=free_port(), mailbox_port=free_port(), state=None, work=LOCAL / "demo"
    )
