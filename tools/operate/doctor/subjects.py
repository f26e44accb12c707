"""All checks, in the order of the page."""

from typing import Final

from tools.operate.doctor import (
    account,
    agenda,
    alarms,
    api,
    bounces,
    functions,
    keys,
    sender,
    ses_account,
    sign_in,
    tables,
    triggers,
    version,
    website,
)
from tools.operate.doctor.check import Subject

SUBJECTS: Final = (
    Subject("Account", (*account.CHECKS, *version.CHECKS)),
    Subject("Email", (*ses_account.CHECKS, *sender.CHECKS, *bounces.CHECKS)),
    Subject("Alarms", alarms.CHECKS),
    Subject("Functions", functions.CHECKS),
    Subject("Triggers", triggers.CHECKS),
    Subject("Agenda", agenda.CHECKS),
    Subject("Tables", tables.CHECKS),
    Subject("Keys", keys.CHECKS),
    Subject("Sign-in", sign_in.CHECKS),
    Subject("API", api.CHECKS),
    Subject("Website", website.CHECKS),
)
