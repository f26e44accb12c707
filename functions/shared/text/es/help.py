"""Where a visitor can get help now. Every page, every answer and the confirmation email use these words.

988 answers in Spanish after "2", and to the word AYUDA by text: https://988lifeline.org/es/
"""

from typing import Final

TITLE: Final = "Si necesita ayuda ahora"
DANGER: Final = "¿Está en peligro? Llame al {emergency_number}."
CRISIS: Final = "¿Está en crisis? {call}, o {text}, de día o de noche."  # filled with the two below
CALL: Final = "Llame al {crisis_line} y oprima 2"
TEXT: Final = "envíe AYUDA por texto al {crisis_line}"
CLINIC: Final = "Para comunicarse con la clínica, llame al {clinic_phone}."

IN_CRISIS: Final = "Nos alegra que nos lo haya dicho. Por favor, no espere a que le respondamos."
# All of it as one text, for a script that shows no other help.
PLAIN: Final = (
    "Si está en peligro ahora, llame al {emergency_number}. Si está en crisis, llame al {crisis_line} y oprima 2, o "
    "envíe AYUDA por texto al {crisis_line}, a cualquier hora. Para comunicarse con la clínica, llame al "
    "{clinic_phone}."
)
