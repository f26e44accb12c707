"""What a visitor reads on the built-in pages, besides the form, the answers and the help."""

from typing import Final

BACK: Final = "Volver al sitio web de la clínica"

# The form, shown again because something has to change.
AGAIN: Final = "Su solicitud"
KEPT: Final = "Todo lo que escribió sigue aquí."
REST_KEPT: Final = "Todo lo demás que escribió sigue aquí."
MOST_KEPT: Final = "La mayor parte de lo que escribió sigue aquí. Por favor, revíselo antes de enviarlo."
NOT_KEPT: Final = "Lo que escribió no está en esta página. Quizás pueda recuperarlo con el botón Atrás de su navegador."
NAMES_ONLY: Final = "Para protegerle, dejamos fuera esto: {names}. No hace falta que lo envíe."
ALSO: Final = "También en su solicitud"
ALSO_HINT: Final = "Estas respuestas no tienen lugar en el formulario de arriba. Se envían de nuevo junto con él."
SEND_AGAIN: Final = "Enviar de nuevo"
SEND: Final = "Enviar mi solicitud"
THE_FORM: Final = "El formulario"  # the label of an unknown field
DEVELOPERS: Final = "Para quien desarrolla este sitio web"

# The page at the API's own address.
START_TITLE: Final = "A esta dirección envía las solicitudes el sitio web de la clínica"
START_SHORT: Final = "Solicitudes"
START: Final = (
    "Aquí no hay nada que llenar. Para pedir una consulta, use el formulario del sitio web de la clínica o llame."
)
