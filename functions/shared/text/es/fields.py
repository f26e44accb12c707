"""What a visitor reads on the form, by the field's name. shared/leads/fields.py declares the fields."""

from typing import Final

from shared.text.words import FieldWords, GroupWords

FIELDS: Final[dict[str, FieldWords]] = {
    # Who
    "form": FieldWords(
        "Qué formulario es",
        "`reply` y `callback` son cortos: dejan la pregunta sobre la edad para la llamada",
        choices={
            "consultation": "El formulario de consulta",
            "reply": "Una respuesta debajo de un artículo",
            "callback": "Un formulario para pedir una llamada",
        },
    ),
    "name": FieldWords("Su nombre", missing="Por favor, díganos su nombre."),
    "asking_for": FieldWords(
        "¿Para quién pide la consulta?",
        choices={
            "self": "Para mí",
            "family_or_friend": "Para un familiar o una amistad",
            "patient": "Para un paciente (soy profesional de la salud)",
        },
    ),
    "patient_is_adult": FieldWords(
        "¿La persona tiene la edad suficiente para recibir tratamiento aquí?",
        "Nos referimos a la persona que recibiría la atención.",
        missing="Por favor, díganos si la persona tiene {minimum_age} años o más.",
        page_label="¿La persona tiene {minimum_age} años o más?",
    ),
    # How to reach them
    "email": FieldWords("Correo electrónico", "Por ejemplo, nombre@example.com"),
    "phone": FieldWords("Número de teléfono", "Con el código de área, por ejemplo (202) 555-0100"),
    "preferred_contact": FieldWords(
        "¿Qué forma de contacto prefiere?",
        choices={"phone": "Llamada telefónica", "text": "Mensaje de texto", "email": "Correo electrónico"},
        nothing="Sin preferencia",
    ),
    "best_time": FieldWords(
        "¿Cuál es un buen momento?",
        choices={
            "any": "A cualquier hora",
            "morning": "Por la mañana",
            "afternoon": "Por la tarde",
            "evening": "Por la noche",
        },
        nothing="Sin preferencia",
    ),
    "time_zone": FieldWords(
        "Su zona horaria", "Para no llamarle de noche", nothing="La misma que la clínica ({time_zone})"
    ),
    "voicemail_ok": FieldWords("¿Podemos dejarle un mensaje de voz?", "No lo dejaremos si no nos dice que sí."),
    "discreet": FieldWords("Por favor, sean discretos", "Si contesta otra persona, no diremos quiénes somos."),
    "call_me": FieldWords("Nombre por el que debemos preguntar", "Si es distinto del nombre de arriba"),
    # What they need
    "location": FieldWords("¿A qué lugar le gustaría venir?", nothing="Cualquier lugar está bien"),
    "interest": FieldWords(
        "¿Con qué le gustaría recibir ayuda?",
        choices={
            "depression": "Depresión",
            "anxiety": "Ansiedad",
            "ptsd": "Trastorno de estrés postraumático (TEPT)",
            "chronic_pain": "Dolor crónico",
            "other": "Otra cosa",
        },
        nothing="Todavía no lo sé",
    ),
    "symptoms": FieldWords(
        "¿Qué le está afectando?",
        choices={
            "low_mood": "Ánimo bajo",
            "loss_of_interest": "Pérdida de interés",
            "weight_change": "Cambios de peso",
            "poor_appetite": "Poco apetito",
            "oversleeping": "Dormir demasiado",
            "insomnia": "Insomnio",
            "trouble_concentrating": "Dificultad para concentrarse",
            "fatigue": "Cansancio",
            "anger_or_mood_swings": "Enojo o cambios de humor",
        },
    ),
    "message": FieldWords(
        "¿Hay algo que debamos saber?",
        page_hint="Con una o dos líneas basta.",
    ),
    # To prepare for the call
    "treatments_tried": FieldWords(
        "¿Cuántos tratamientos ha probado?",
        "Medicamentos u otros tratamientos",
        choices={"none": "Ninguno hasta ahora", "one": "Uno", "two_or_more": "Dos o más"},
        nothing="Prefiero no decirlo",
    ),
    "health_notes": FieldWords(
        "¿Alguna de estas situaciones es su caso?",
        "Esto nos ayuda a preparar la llamada. Puede pedir una consulta de todos modos.",
        choices={
            "psychosis_history": "Psicosis, ahora o en el pasado",
            "uncontrolled_blood_pressure": "Presión arterial alta que no está controlada",
            "pregnant_or_nursing": "Embarazo o lactancia",
            "substance_use": "Consumo de sustancias",
            "none": "Ninguna de estas",
            "discuss_on_call": "Prefiero hablarlo en la llamada",
        },
    ),
    # Safety
    "in_crisis": FieldWords("Estoy en crisis ahora, o lo está la persona para quien pido ayuda"),
    # Consent. A page shows the words of clinic.toml.
    "consent_contact": FieldWords(
        "Consentimiento para el contacto",
        missing=(
            "Por favor, marque la casilla que dice que podemos comunicarnos con usted. Primero necesitamos su permiso."
        ),
    ),
    "consent_texts": FieldWords("Consentimiento para mensajes de texto"),
    "consent_email_news": FieldWords("Consentimiento para noticias por correo electrónico"),
    # Context
    "locale": FieldWords("Idioma de la persona", "El idioma del formulario o de la página, como `es`"),
    "page": FieldWords("Página con el formulario", "Guardamos el origen y la ruta"),
    "referrer": FieldWords("De dónde vino la persona", "Guardamos el origen y la ruta"),
    "utm_source": FieldWords("Fuente de la campaña"),
    "utm_medium": FieldWords("Medio de la campaña"),
    "utm_campaign": FieldWords("Nombre de la campaña"),
    "utm_term": FieldWords("Término de la campaña"),
    "utm_content": FieldWords("Contenido de la campaña"),
    # Machinery
    "submission_id": FieldWords(
        "Identificador del envío",
        "Use uno nuevo para cada persona. Así se puede reintentar sin riesgo, incluso días después.",
    ),
    "thank_you_page": FieldWords(
        "Página de agradecimiento", "Adónde llevar a la persona después. Debe estar en la lista configurada."
    ),
    "email_as_typed": FieldWords(
        "El correo electrónico una vez más", "Solo si la persona insiste en una dirección que parece mal escrita"
    ),
    "leave_empty": FieldWords("Deje esto vacío", "Una trampa para los bots que llenan todos los campos"),
    "rendered_at": FieldWords("Cuándo se mostró el formulario", "Milisegundos desde 1970"),
    "turnstile_token": FieldWords("Token de Turnstile", "Lo envía el widget de Cloudflare"),
}

GROUPS: Final[dict[str, GroupWords]] = {
    "now": GroupWords("¿Cómo está en este momento?"),
    "who": GroupWords("¿Para quién es?"),
    "reach": GroupWords(
        "¿Cómo podemos comunicarnos con usted?",
        "Denos un número de teléfono o un correo electrónico. Con uno basta.",
    ),
    "safely": GroupWords(
        "Para comunicarnos con discreción", "Mensajes de voz, privacidad y el nombre por el que debemos preguntar"
    ),
    "about": GroupWords("¿De qué se trata?"),
    "prepare": GroupWords("Para preparar la llamada", "Sobre su salud, si quiere contarnos algo desde ahora"),
    "consent": GroupWords("Su consentimiento"),
    # The short forms.
    "reply": GroupWords(
        "Escríbanos",
        "Solo lo leerá nuestro personal. No lo mostraremos en esta página. Para responderle, necesitamos un correo "
        "electrónico o un número de teléfono.",
        labels={"message": "Su mensaje"},
    ),
    "callback": GroupWords("Que me llamen", "Díganos su número y cuándo llamarle. Nosotros nos encargamos del resto."),
}

YES_OR_NO: Final = {"yes": "Sí", "no": "No"}

# US time zones under their everyday names, for a page without a script.
TIME_ZONES: Final = {
    "America/New_York": "Hora del Este",
    "America/Chicago": "Hora del Centro",
    "America/Denver": "Hora de la Montaña",
    "America/Phoenix": "Hora de Arizona",
    "America/Los_Angeles": "Hora del Pacífico",
    "America/Anchorage": "Hora de Alaska",
    "Pacific/Honolulu": "Hora de Hawái",
}
