"""What a visitor reads on the form, by the field's name. shared/leads/fields.py has the fields themselves."""

from typing import Final

from shared.text.words import FieldWords, GroupWords

FIELDS: Final[dict[str, FieldWords]] = {
    # Who
    "name": FieldWords("Your name", missing="Tell us your name."),
    "asking_for": FieldWords(
        "Who are you asking for?",
        choices={
            "self": "Myself",
            "family_or_friend": "A family member or friend",
            "patient": "A patient of mine (I am a clinician)",
        },
    ),
    "patient_is_adult": FieldWords(
        "Is the person who would be treated an adult?",
        missing="Tell us whether the person who would be treated is an adult.",
        page_hint="We treat people aged {minimum_age} and older.",
    ),
    # How to reach them
    "email": FieldWords("Email address", "For example name@example.com"),
    "phone": FieldWords("Phone number", "With the area code, for example (202) 555-0100"),
    "preferred_contact": FieldWords(
        "How should we reach you?",
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
        nothing="Choose one",
    ),
    "time_zone": FieldWords("Your time zone", "So that we do not call at night", nothing="The clinic's ({time_zone})"),
    "voicemail_ok": FieldWords("May we leave a voicemail?", "Unless you say yes, we leave none."),
    "discreet": FieldWords("Please be discreet", "We do not say who we are to anybody but you."),
    "call_me": FieldWords("Name to ask for", "If it is not the name above"),
    # What they need
    "location": FieldWords("Where would you like to come?", nothing="Any place is fine"),
    "interest": FieldWords(
        "What would you like help with?",
        choices={
            "depression": "Depression",
            "anxiety": "Anxiety",
            "ptsd": "PTSD",
            "chronic_pain": "Chronic pain",
            "other": "Something else",
        },
        nothing="I am not sure",
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
        "Anything we should know?",
        page_hint="A line or two is plenty. Please nothing urgent: it may be a while before somebody reads it.",
    ),
    # To prepare the call
    "treatments_tried": FieldWords(
        "How many treatments have you tried?",
        "Medicines or other treatments",
        choices={"none": "None so far", "one": "One", "two_or_more": "Two or more"},
        nothing="I would rather not say",
    ),
    "health_notes": FieldWords(
        "Does any of this apply?",
        "It helps us to prepare the call. It decides nothing.",
        choices={
            "psychosis_history": "Psychosis, now or earlier",
            "uncontrolled_blood_pressure": "High blood pressure that is not under control",
            "pregnant_or_nursing": "Pregnant or nursing",
            "substance_use": "Substance use",
            "none": "None of these",
            "discuss_on_call": "I would rather talk about it",
        },
    ),
    # Safety
    "in_crisis": FieldWords("Are you in crisis now?"),
    # Consent. A page shows the words of clinic.toml.
    "consent_contact": FieldWords(
        "Consent to be contacted",
        missing="We need your consent to contact you before we can take your request. Tick the box.",
    ),
    "consent_texts": FieldWords("Consent to be texted"),
    "consent_email_news": FieldWords("Consent to news by email"),
    # Context
    "page": FieldWords("The form's page", "Kept: origin and path"),
    "referrer": FieldWords("Where the visitor came from", "Kept: origin and path"),
    "utm_source": FieldWords("Campaign source"),
    "utm_medium": FieldWords("Campaign medium"),
    "utm_campaign": FieldWords("Campaign name"),
    "utm_term": FieldWords("Campaign term"),
    "utm_content": FieldWords("Campaign content"),
    # Machinery
    "submission_id": FieldWords("Submission id", "New for each visitor; makes a retry safe on any later day too"),
    "thank_you_page": FieldWords("Thank-you page", "Where to send the visitor afterwards: one of the configured list"),
    "homepage": FieldWords("Leave this empty", "A trap for programs that fill in everything"),
    "rendered_at": FieldWords("When the form was shown", "Milliseconds since 1970"),
    "turnstile_token": FieldWords("Turnstile token", "Cloudflare's widget sends it"),
}

GROUPS: Final[dict[str, GroupWords]] = {
    "now": GroupWords("How are you now?"),
    "who": GroupWords("Who is it for?"),
    "reach": GroupWords("How can we reach you?", "Give a phone number or an email address. One is enough."),
    "safely": GroupWords("Reaching you safely", "Voicemail, discretion, a name to ask for"),
    "about": GroupWords("What is it about?"),
    "prepare": GroupWords("To prepare the call", "About your health, if you like to tell us now"),
    "consent": GroupWords("Your consent"),
}

YES_OR_NO: Final = {"yes": "Yes", "no": "No"}

# The zones of the United States by the names people know, for a page without a script.
TIME_ZONES: Final = {
    "America/New_York": "Eastern",
    "America/Chicago": "Central",
    "America/Denver": "Mountain",
    "America/Phoenix": "Arizona",
    "America/Los_Angeles": "Pacific",
    "America/Anchorage": "Alaska",
    "Pacific/Honolulu": "Hawaii",
}
