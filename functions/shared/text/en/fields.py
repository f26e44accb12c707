"""What a visitor reads on the form, by the field's name. shared/leads/fields.py declares the fields."""

from typing import Final

from shared.text.words import FieldWords, GroupWords

FIELDS: Final[dict[str, FieldWords]] = {
    # Who
    "form": FieldWords(
        "Which form this is",
        "`reply` and `callback` are short: they leave the question about age to the call",
        choices={
            "consultation": "The consultation form",
            "reply": "A reply under an article",
            "callback": "A callback form",
        },
    ),
    "name": FieldWords("Your name", missing="Please tell us your name."),
    "asking_for": FieldWords(
        "Who are you asking for?",
        choices={
            "self": "Myself",
            "family_or_friend": "A family member or friend",
            "patient": "My patient (I am a clinician)",
        },
    ),
    "patient_is_adult": FieldWords(
        "Is the patient old enough to be treated here?",
        "The patient is the person who would get care.",
        missing="Please tell us if the patient is {minimum_age} or older.",
        page_label="Is the patient {minimum_age} or older?",
    ),
    # How to reach them
    "email": FieldWords("Email address", "For example, name@example.com"),
    "phone": FieldWords("Phone number", "Include the area code, for example (202) 555-0100"),
    "preferred_contact": FieldWords(
        "Which way is best for you?",
        choices={"phone": "Phone call", "text": "Text message", "email": "Email"},
        nothing="No preference",
    ),
    "best_time": FieldWords(
        "When is a good time?",
        choices={
            "any": "Any time",
            "morning": "In the morning",
            "afternoon": "In the afternoon",
            "evening": "In the evening",
        },
        nothing="No preference",
    ),
    "time_zone": FieldWords("Your time zone", "So we don't call at night", nothing="Same as the clinic ({time_zone})"),
    "voicemail_ok": FieldWords("May we leave a voicemail?", "We won't leave one unless you say yes."),
    "discreet": FieldWords("Please be discreet", "If someone else answers, we won't say who we are."),
    "call_me": FieldWords("Name to ask for", "If it is different from the name above"),
    # What they need
    "location": FieldWords("Which location would you like to come to?", nothing="Any location is fine"),
    "interest": FieldWords(
        "What would you like help with?",
        choices={
            "depression": "Depression",
            "anxiety": "Anxiety",
            "ptsd": "PTSD",
            "chronic_pain": "Chronic pain",
            "other": "Something else",
        },
        nothing="I'm not sure",
    ),
    "symptoms": FieldWords(
        "What are you living with?",
        choices={
            "low_mood": "Low mood",
            "loss_of_interest": "Loss of interest",
            "weight_change": "Weight change",
            "poor_appetite": "Poor appetite",
            "oversleeping": "Oversleeping",
            "insomnia": "Insomnia",
            "trouble_concentrating": "Trouble concentrating",
            "fatigue": "Fatigue",
            "anger_or_mood_swings": "Anger or mood swings",
        },
    ),
    "message": FieldWords(
        "Is there anything we should know?",
        page_hint="A line or two is plenty.",
    ),
    # To prepare for the call
    "treatments_tried": FieldWords(
        "How many treatments have you tried?",
        "Medicines or other treatments",
        choices={"none": "None so far", "one": "One", "two_or_more": "Two or more"},
        nothing="I'd rather not say",
    ),
    "health_notes": FieldWords(
        "Do any of these apply?",
        "This helps us prepare for the call. You can ask for a consultation either way.",
        choices={
            "psychosis_history": "Psychosis, now or in the past",
            "uncontrolled_blood_pressure": "High blood pressure that is not under control",
            "pregnant_or_nursing": "Pregnant or nursing",
            "substance_use": "Substance use",
            "none": "None of these",
            "discuss_on_call": "I'd rather talk about it",
        },
    ),
    # Safety
    "in_crisis": FieldWords("I'm in crisis now, or the person I'm asking for is"),
    # Consent. A page shows the words of clinic.toml.
    "consent_contact": FieldWords(
        "Consent to be contacted",
        missing="Please check the box that says we may contact you. We need your OK first.",
    ),
    "consent_texts": FieldWords("Consent to be texted"),
    "consent_email_news": FieldWords("Consent to news by email"),
    # Context
    "locale": FieldWords("Language of the visitor", "The language of the form or the page, such as `es`"),
    "page": FieldWords("Page with the form", "We keep the origin and path"),
    "referrer": FieldWords("Where the visitor came from", "We keep the origin and path"),
    "utm_source": FieldWords("Campaign source"),
    "utm_medium": FieldWords("Campaign medium"),
    "utm_campaign": FieldWords("Campaign name"),
    "utm_term": FieldWords("Campaign term"),
    "utm_content": FieldWords("Campaign content"),
    # Machinery
    "submission_id": FieldWords(
        "Submission id", "Use a new one for each visitor. It makes a retry safe, even days later."
    ),
    "thank_you_page": FieldWords(
        "Thank-you page", "Where to send the visitor afterward. It must be on the configured list."
    ),
    "email_as_typed": FieldWords(
        "The email address once more", "Only if the visitor insists on an address that looks mistyped"
    ),
    "leave_empty": FieldWords("Leave this empty", "A trap for bots that fill in every field"),
    "rendered_at": FieldWords("When the form was shown", "Milliseconds since 1970"),
    "turnstile_token": FieldWords("Turnstile token", "Cloudflare's widget sends it"),
}

GROUPS: Final[dict[str, GroupWords]] = {
    "now": GroupWords("How are you right now?"),
    "who": GroupWords("Who is this for?"),
    "reach": GroupWords("How can we reach you?", "Give us a phone number or an email address. One is enough."),
    "safely": GroupWords("Reaching you safely", "Voicemail, privacy, and a name to ask for"),
    "about": GroupWords("What is this about?"),
    "prepare": GroupWords("Getting ready for the call", "About your health, if you want to tell us now"),
    "consent": GroupWords("Your consent"),
    # The short forms.
    "reply": GroupWords(
        "Leave a Reply",
        "Only our staff will read it. We won't show it on this page. To answer you, we need an email address or a "
        "phone number.",
        labels={"message": "Your reply"},
    ),
    "callback": GroupWords("Call me back", "Tell us your number and when to call. We'll do the rest."),
}

YES_OR_NO: Final = {"yes": "Yes", "no": "No"}

# US time zones under their everyday names, for a page without a script.
TIME_ZONES: Final = {
    "America/New_York": "Eastern",
    "America/Chicago": "Central",
    "America/Denver": "Mountain",
    "America/Phoenix": "Arizona",
    "America/Los_Angeles": "Pacific",
    "America/Anchorage": "Alaska",
    "Pacific/Honolulu": "Hawaii",
}
