"""What a visitor has to change in one field. None of it repeats what the visitor typed."""

from typing import Final

# By the reason that submit/request.py gives.
PROBLEMS: Final = {
    "email": ("Esto no parece un correo electrónico que podamos usar. Debe verse así: nombre@example.com."),
    "phone": "Esto no parece un número al que podamos llamar. Por favor, incluya el código de área.",
    "phone_country": (
        "No sabemos de qué país es este número. Por favor, empiece con + y el código del país, por ejemplo "
        "+1 202 555 0100 o +52 55 1234 5678."
    ),
    # After a request in crisis, which is stored whatever its address looks like.
    "check_email": "¿Quiso decir {suggestion}? Si es así, llámenos, por favor, para poder comunicarnos con usted.",
    "did_you_mean": (
        "¿Quiso decir {suggestion}? Si es así, cámbielo, por favor. Si su dirección es correcta, déjela como está."
    ),
    "too_long": "Esto es demasiado largo. Por favor, acórtelo a {max_length} caracteres o menos.",
    "yes_or_no": "Por favor, responda sí o no.",
    "own_missing": "Por favor, conteste esta pregunta.",
    "text": "No pudimos leer esto. Por favor, escríbalo como texto.",
    "too_young": "Solo atendemos a personas de {minimum_age} años o más.",
    # What is missing for us to reach the visitor in the way they chose.
    "no_way_to_reach": (
        "Por favor, denos un correo electrónico o un número de teléfono para poder comunicarnos con usted."
    ),
    "no_way_in_crisis": (
        "Por favor, denos un número de teléfono o un correo electrónico. Es lo único que necesitamos."
    ),
    "no_phone_to_call_back": "Por favor, denos un número de teléfono para poder llamarle.",
    "no_email": "Nos pidió que le escribamos por correo. Agregue un correo electrónico, por favor, o elija otra forma.",
    "no_phone_to_call": "Nos pidió que le llamemos. Agregue un número de teléfono, por favor, o elija otra forma.",
    "no_phone_to_text": (
        "Nos pidió que le enviemos mensajes de texto. Agregue un número de teléfono, por favor, o elija otra forma."
    ),
    "no_consent_to_texts": (
        "Nos pidió que le enviemos mensajes de texto. Marque la casilla que dice que podemos hacerlo, por favor, o "
        "elija otra forma."
    ),
}
