"""What may be chosen: each choice as it is sent and stored, with the words people read. The order is the one shown."""

from typing import Final

type Choices = dict[str, str]

ASKING_FOR: Final[Choices] = {
    "self": "Myself",
    "family_or_friend": "A family member or friend",
    "patient": "A patient of mine (I am a clinician)",
}
PREFERRED_CONTACT: Final[Choices] = {"phone": "Phone call", "text": "Text message", "email": "Email"}
BEST_TIME: Final[Choices] = {
    "any": "Any time",
    "morning": "In the morning",
    "afternoon": "In the afternoon",
    "evening": "In the evening",
}
INTEREST: Final[Choices] = {
    "depression": "Depression",
    "anxiety": "Anxiety",
    "ptsd": "PTSD",
    "chronic_pain": "Chronic pain",
    "other": "Something else",
}
# The nine that the clinic's article lists.
SYMPTOMS: Final[Choices] = {
    "low_mood": "Low mood",
    "loss_of_interest": "Loss of interest",
    "weight_change": "Weight change",
    "poor_appetite": "Poor appetite",
    "oversleeping": "Oversleeping",
    "insomnia": "Insomnia",
    "trouble_concentrating": "Trouble concentrating",
    "fatigue": "Fatigue",
    "anger_or_mood_swings": "Anger or mood swings",
}
TREATMENTS_TRIED: Final[Choices] = {"none": "None so far", "one": "One", "two_or_more": "Two or more"}
HEALTH_NOTES: Final[Choices] = {
    "psychosis_history": "Psychosis, now or earlier",
    "uncontrolled_blood_pressure": "High blood pressure that is not under control",
    "pregnant_or_nursing": "Pregnant or nursing",
    "substance_use": "Substance use",
    "none": "None of these",
    "discuss_on_call": "I would rather talk about it",
}
