"""What form.js says on a clinic's own page. The API writes these words into the script when it serves it."""

from typing import Final

from shared.text.en import help as now
from shared.text.en import thanks

SCRIPT: Final = {
    "danger": now.DANGER,
    "crisis": now.CRISIS,
    "call": now.CALL,
    "text": now.TEXT,
    "clinic": now.CLINIC,
    "in_crisis": now.IN_CRISIS,
    "crisis_next": "You can still send this form. Our staff will look at it first.",
    "restored": "What you typed before is still here, in this browser tab only. If it isn't yours, please clear it.",
    "clear_button": "Clear the form",
    "sending": "Sending…",
    "retrying": "Still trying ({number} of {tries})…",
    "thanks": thanks.TITLE,
    "reference": thanks.REFERENCE,
    "next": thanks.NEXT,
    "urgent_next": thanks.URGENT_NEXT,
    "not_sent": "Your request was not sent",
    "maybe_not_sent": "Your request may not have been sent",
    "call_clinic": "Please call the clinic, or try again later.",
    "nothing_lost": "Nothing you typed is lost.",
    "send_again": "Please press the button again in a minute. It's safe to send it twice.",
    "send_again_in": "Please press the button again in {wait}. It's safe to send it twice.",
    "seconds": "{number} seconds",
    "minutes": "{number} minutes",
    "use_suggestion": "Use {suggestion}",
    "other_way": "If that doesn't help: {button}",
    "other_way_button": "Try another way",
    "no_files": "Please leave out the file",
    "no_files_detail": "Nothing was sent yet.",
    "no_files_field": "This form can't take files. Please remove the file and send the form again.",
    # In the browser's console, for the developer of the clinic's site.
    "no_answer": "form.js got no answer from {url}. If the API is up, check that AllowedOrigins lists {origin}.",
    "not_listed": (
        "form.js cannot read answers on this site, so the browser sends the form itself. "
        "Add {origin} to the parameter AllowedOrigins."
    ),
    "no_origin": (
        "form.js cannot read answers in a frame without an origin, so the browser sends the form itself. "
        "Add allow-same-origin to the sandbox of the frame."
    ),
    "also_sent": "The API does not know these fields or choices. Staff see them next to the message: {names}",
    "also_sent_advice": (
        "This is fine for questions of your own. To give an answer its own place, use a name and a choice of {url}, "
        "or add the question to clinic.toml."
    ),
    "not_kept": "The API did not store these fields: {names}",
    "not_kept_advice": (
        "Secrets such as passwords and card numbers, click ids and tokens are never stored, and long texts are cut. "
        "Take these fields out of the form, or set a maxlength of 500."
    ),
    "not_in_form": "The API asks for these fields, and your form does not have them: {names}",
    "no_form": (
        "form.js found no form on this page yet. Write data-consultation-form into the tag of your form. "
        "If the form is in a shadow root, point it out with the event consultation-form."
    ),
}
