"""What a visitor has to change in one field. None of it repeats what the visitor typed."""

from typing import Final

# By the reason that submit/request.py gives.
PROBLEMS: Final = {
    "email": "This doesn't look like an email address we can use. It should look like name@example.com.",
    "phone": "This doesn't look like a phone number we can call. Please include the area code.",
    "phone_country": (
        "We can't tell which country this phone number is in. Please begin with + and the country code, for example "
        "+1 202 555 0100 or +44 20 7946 0018."
    ),
    # After a request in crisis, which is stored whatever its address looks like.
    "check_email": "Did you mean {suggestion}? If so, please call us so we can reach you.",
    "did_you_mean": "Did you mean {suggestion}? If so, please change it. If your address is right, leave it as it is.",
    "too_long": "This is too long. Please shorten it to {max_length} characters or fewer.",
    "yes_or_no": "Please answer yes or no.",
    "own_missing": "Please answer this question.",
    "text": "We couldn't read this. Please write it as text.",
    "too_young": "We only treat people {minimum_age} and older.",
    # What is missing for us to reach the visitor in the way they chose.
    "no_way_to_reach": "Please give us an email address or a phone number so we can reach you.",
    "no_way_in_crisis": "Please give us a phone number or an email address. That's all we need.",
    "no_phone_to_call_back": "Please give us a phone number so we can call you back.",
    "no_email": "You asked us to email you. Please add an email address, or choose another way.",
    "no_phone_to_call": "You asked us to call you. Please add a phone number, or choose another way.",
    "no_phone_to_text": "You asked us to text you. Please add a phone number, or choose another way.",
    "no_consent_to_texts": (
        "You asked us to text you. Please check the box that says we may text you, or choose another way."
    ),
}
