"""`make run`: the whole system on this machine, until Ctrl-C."""

import json
import signal
import threading
from contextlib import suppress

from tools.local.emulator import ROOT
from tools.local.local import LOCAL, local_system
from tools.local.ports import PortTakenError, chosen_port
from tools.local.progress import say

ENDPOINTS = LOCAL / "endpoints.json"


def run() -> int:
    """Start everything, say where it is, and stay. Mails and leads are kept between runs, by port."""
    ports = {
        "aws_port": chosen_port("AWS_PORT", 4566),
        "site_port": chosen_port("SITE_PORT", 8080),
        "mailbox_port": chosen_port("MAILBOX_PORT", 8025),
    }
    stop_on_first_signal()
    if len(set(ports.values())) < len(ports):
        raise PortTakenError("AWS_PORT, SITE_PORT and MAILBOX_PORT must differ: each is a server of its own.")
    say("Starting the clinic's lead capture on this machine")
    # By port, because the kept state knows its address, and so that two can run side by side.
    work = LOCAL / f"aws-{ports['aws_port']}"
    with local_system(**ports, state=work / "state", work=work) as endpoints:
        ENDPOINTS.write_text(json.dumps(endpoints.document(), indent=2) + "\n", encoding="utf-8")
        say()
        say(f"  Sample clinic page  {endpoints.site}")
        say(f"  Staff mailbox       {endpoints.mailbox}")
        say(f"  API                 {endpoints.api}")
        say(f"  Local AWS           {endpoints.aws}   (credentials: test / test)")
        say()
        say("  Send the form on the sample page; the alert is in the mailbox a moment later.")
        say(f"  For programs: .local/endpoints.json. Logs: {work.relative_to(ROOT)}/logs/. Ctrl-C stops everything.")
        with suppress(KeyboardInterrupt):
            threading.Event().wait()
        ENDPOINTS.unlink(missing_ok=True)
        say()
    return 0


def stop_on_first_signal() -> None:
    """Let the first Ctrl-C or stop from outside end the run in order, and no second one disturb that.

    Also where a shell started us with "&", which ignores Ctrl-C.
    """

    def stop(*_: object) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
