"""`make run`: runs the whole system on this machine until Ctrl-C."""

import json
import signal
import threading
from contextlib import suppress

from tools.local.emulator import ROOT
from tools.local.local import LOCAL, Endpoints, local_system
from tools.local.origins import EXAMPLE, chosen_origins
from tools.local.ports import PortTakenError, chosen_port
from tools.local.progress import say

ENDPOINTS = LOCAL / "endpoints.json"


def run() -> int:
    """Start everything, print the addresses and wait. Emails and leads are kept between runs, separately per port."""
    ports = {
        "aws_port": chosen_port("AWS_PORT", 4566),
        "site_port": chosen_port("SITE_PORT", 8080),
        "mailbox_port": chosen_port("MAILBOX_PORT", 8025),
    }
    own = chosen_origins()
    stop_on_first_signal()
    if len(set(ports.values())) < len(ports):
        raise PortTakenError("AWS_PORT, SITE_PORT and MAILBOX_PORT must be three different ports.")
    say("Starting the system on this machine. The first run also downloads its tools.")
    say(f"Ports: SITE_PORT={ports['site_port']} MAILBOX_PORT={ports['mailbox_port']} AWS_PORT={ports['aws_port']}")
    say("To change a port, set its variable: SITE_PORT=9080 make run")
    # One folder per port: the kept state contains its address, and two systems can run at the same time.
    work = LOCAL / f"aws-{ports['aws_port']}"
    with local_system(**ports, state=work / "state", work=work, more_origins=own) as endpoints:
        told = json.dumps(endpoints.document(), indent=2) + "\n"
        ENDPOINTS.write_text(told, encoding="utf-8")
        say()
        say(f"  Sample clinic page  {endpoints.site}")
        say(f"  Staff mailbox       {endpoints.mailbox}")
        say(f"  Staff desk          {endpoints.desk}")
        for account in endpoints.accounts:
            say(f"    {account.role + ':':<9} {account.email}   password: {account.password}")
        say(f"  API                 {endpoints.api}")
        say(f"  Local AWS           {endpoints.aws}   (credentials: test / test)")
        say()
        for line in how_to_use_a_page_of_your_own(endpoints, own):
            say(f"  {line}")
        say()
        say("  Send the form on the sample page. The alert appears in the mailbox within seconds.")
        say(f"  Logs: {work.relative_to(ROOT)}/logs/. The same addresses for scripts: .local/endpoints.json")
        say("  Press Ctrl-C to stop everything.")
        with suppress(KeyboardInterrupt):
            threading.Event().wait()
        # Another run may have replaced it since.
        if ENDPOINTS.exists() and ENDPOINTS.read_text(encoding="utf-8") == told:
            ENDPOINTS.unlink()
        say()
    return 0


def how_to_use_a_page_of_your_own(endpoints: Endpoints, own: tuple[str, ...]) -> list[str]:
    """Return lines for a developer: which of their own pages may read the API's answers, and what to write there."""
    if not own:
        return [f"A page of your own can use the API too: {EXAMPLE}"]
    return [
        f"Your own page       {'  '.join(own)}",
        f'  <form data-consultation-form method="post" action="{endpoints.api}/consultations">',
        f'  <script src="{endpoints.api}/form.js" defer></script>',
    ]


def stop_on_first_signal() -> None:
    """Stop the run in order at the first Ctrl-C or SIGTERM, and ignore any later signal.

    This also works for a process that a shell started with "&", which would otherwise ignore Ctrl-C.
    """

    def stop(*_: object) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
