"""`make run`: the whole system on this machine, until Ctrl-C."""

import json
import signal
import threading
from contextlib import suppress

from dev.local import LOCAL, local_system
from dev.ports import chosen_port
from dev.progress import say

ENDPOINTS = LOCAL / "endpoints.json"


def run() -> int:
    """Start everything, say where it is, and stay. Mails and leads are kept in .local/state between runs."""
    ports = {
        "aws_port": chosen_port("AWS_PORT", 4566),
        "site_port": chosen_port("SITE_PORT", 8080),
        "mailbox_port": chosen_port("MAILBOX_PORT", 8025),
    }
    # Ctrl-C works however we were started (a shell's "&" ignores it), and a stop from outside ends it the same way.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    say("Starting the clinic's lead capture on this machine")
    try:
        with local_system(**ports, state=LOCAL / "state", work=LOCAL) as endpoints:
            ENDPOINTS.write_text(json.dumps(endpoints.document(), indent=2) + "\n", encoding="utf-8")
            say()
            say(f"  Sample clinic page  {endpoints.site}")
            say(f"  Staff mailbox       {endpoints.mailbox}")
            say(f"  API                 {endpoints.api}")
            say(f"  Local AWS           {endpoints.aws}   (credentials: test / test)")
            say()
            say("  Send the form on the sample page; the alert is in the mailbox a moment later.")
            say("  For programs: .local/endpoints.json. Logs: .local/logs/. Ctrl-C stops everything.")
            with suppress(KeyboardInterrupt):
                threading.Event().wait()
            # From here on it is stopping: a second Ctrl-C must not leave half of it running.
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_IGN)
            say()
    finally:
        ENDPOINTS.unlink(missing_ok=True)
    return 0
