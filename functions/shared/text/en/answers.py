"""What a visitor reads when a request was not stored, or a page cannot be shown.

The third part of some answers is for people who build the clinic's site. A page shows it last and folded, JSON apart
from the rest.
"""

from typing import Final

from shared.text.answer import AnswerWords

INVALID: Final = AnswerWords(
    "Please check your request",
    "We haven't saved it yet. Please check what is listed here, then send it again.",
)
MINOR: Final = AnswerWords(
    "Thank you for reaching out",
    "We can only treat people {minimum_age} and older, so we haven't saved anything. Please call us at {clinic_phone}. "
    "We will tell you who can help. A pediatrician or family doctor can help too. If you chose the wrong answer, "
    "change it and send the form again.",
)
CONFLICT: Final = AnswerWords(
    "Please send your request again",
    "You may have sent a request from this page before. We haven't saved this one yet. Please send it again.",
)
ERASED: Final = AnswerWords(
    "We erased this request",
    "Somebody asked us to erase it, so we no longer have it. If you still want to hear from us, please send it again "
    "as a new request.",
)
NOT_STORED: Final = AnswerWords(
    "We couldn't take your request",
    "Nothing was saved. Please send it again in a minute. It's safe to send it twice.",
)
MAYBE_STORED: Final = AnswerWords(
    "Please send your request again",
    "We can't tell if it was saved. Please send it again in a minute. It's safe to send it twice.",
)
STORED_UNSHOWN: Final = AnswerWords(
    "We have your request",
    "You don't need to send it again. We just couldn't show you the page that says so.",
)
NOT_SHOWN: Final = AnswerWords(
    "We couldn't show this page",
    "We're having a technical problem. Please open the page again in a minute.",
)
_FORMS_POST: Final = "Forms post to /consultations, without a slash at the end."
NOT_FOUND: Final = AnswerWords(
    "We couldn't find this page",
    "Please check the address. If a form brought you here, please call the clinic instead.",
    _FORMS_POST,
)
NOT_ALLOWED: Final = AnswerWords(
    "There is no page here",
    "If a form brought you here, please call the clinic instead.",
    "This address only takes {method} requests.",
)
# A form that was sent to a wrong address, and one that was sent as a link.
MISDIRECTED: Final = AnswerWords(
    "We don't have your request yet",
    "The form sent it to a wrong address, so we haven't saved it. Please check it and send it again from here.",
    _FORMS_POST,
)
NOT_POSTED: Final = AnswerWords(
    "Your request is not sent yet",
    "Please check it, then press the button below to send it.",
    'The form needs method="post". With "get", what people type ends up in the address of a page.',
)

_UNREADABLE: Final = "We couldn't read your form"

# By the reason that submit/decode.py gives.
UNREADABLE: Final = {
    "too_large": AnswerWords(
        "This is too much to send at once",
        "We haven't saved anything yet. Please shorten your message, leave out any files, and send it again.",
    ),
    "media_type": AnswerWords(
        _UNREADABLE,
        "Please call the clinic instead. We are sorry for the trouble.",
        "Send the request as {json}, {form}, or {multipart}, and say which in Content-Type.",
    ),
    "not_json": AnswerWords(
        _UNREADABLE,
        "Please send it again. If that doesn't help, please call the clinic.",
        "Send one JSON object in UTF-8, with each field once.",
    ),
    "not_an_object": AnswerWords(
        _UNREADABLE,
        "Please send it again. If that doesn't help, please call the clinic.",
        "Send one JSON object with the form's fields.",
    ),
    "too_many_fields": AnswerWords(
        _UNREADABLE,
        "Please call the clinic instead. We are sorry for the trouble.",
        "Send {max_fields} fields at most.",
    ),
    "bad_parts": AnswerWords(
        _UNREADABLE,
        "Please send it again. If that doesn't help, please call the clinic.",
        "The parts are cut short or do not follow RFC 7578.",
    ),
    "files": AnswerWords(
        "Please leave out the file",
        "We can't take files, so we left yours out. We haven't saved anything yet. Please send the form again.",
    ),
}

# Answers that API Gateway sends when our code does not run. template.yaml has a copy, because it cannot read this file.
GATEWAY_4XX: Final = AnswerWords(
    "Please send it again",
    "We couldn't take your request. Please go back to the form and send it again in a minute. It's safe to send it "
    "twice.",
)
GATEWAY_5XX: Final = AnswerWords(
    "Please send it again",
    "We can't tell if your request was saved. Please go back to the form and send it again in a minute. It's safe to "
    "send it twice.",
)
GATEWAY_TOO_LARGE: Final = AnswerWords(
    "Your message is too long",
    "We couldn't take your request. Please go back to the form, leave out any files, shorten your message, and send it "
    "again.",
)

# The answer of the firewall. infra/firewall.yaml has a copy.
FIREWALL: Final = AnswerWords(
    "Please wait, then send it again",
    "We couldn't take your request, because a lot of requests came in at once. Please wait five minutes, go back to "
    "the form, and send it again. It's safe to send it twice.",
)
