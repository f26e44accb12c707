"""What a visitor reads on the form besides its fields. fields.py has those."""

from typing import Final

STAR: Final = (
    "Necesitamos las respuestas con asterisco {star} y una forma de comunicarnos con usted. Lo demás es opcional."
)
CHOOSE: Final = "Elija una opción"  # the empty choice of a list
OPTIONAL: Final = "(opcional)"
TRAP: Final = "Deje esto vacío"  # the label of the trap, in case somebody hears it read out

# The button of each form. A page that shows a form again has its own.
BUTTONS: Final = {"consultation": "Enviar mi solicitud", "reply": "Enviar mi mensaje", "callback": "Llámenme"}

# Beside the numbers to call now.
DO_NOT_WAIT: Final = "Si necesita ayuda ahora, por favor no espere a que le respondamos."
NOT_READ_AT_ONCE: Final = "Puede pasar un tiempo antes de que alguien lea este formulario."

# What happens if the visitor says that they are in crisis. The second is for a clinic with `crisis_without_consent`.
CRISIS: Final = "Le pedimos a nuestro personal que vea esto primero, a cualquier hora."
CRISIS_WITHOUT_CONSENT: Final = (
    "Le pedimos a nuestro personal que vea esto primero, a cualquier hora. Solo necesitamos un número de teléfono o un "
    "correo electrónico. Puede dejar lo demás en blanco."
)
