"""What form.js says on a clinic's own page. The API writes these words into the script when it serves it."""

from typing import Final

from shared.text.es import help as now
from shared.text.es import thanks

SCRIPT: Final = {
    "danger": now.DANGER,
    "crisis": now.CRISIS,
    "call": now.CALL,
    "text": now.TEXT,
    "clinic": now.CLINIC,
    "in_crisis": now.IN_CRISIS,
    "crisis_next": "De todos modos puede enviar este formulario. Nuestro personal lo verá primero.",
    "restored": (
        "Lo que escribió antes sigue aquí, solo en esta pestaña del navegador. Si no es suyo, bórrelo, por favor."
    ),
    "clear_button": "Borrar el formulario",
    "sending": "Enviando…",
    "retrying": "Seguimos intentando ({number} de {tries})…",
    "thanks": thanks.TITLE,
    "reference": thanks.REFERENCE,
    "next": thanks.NEXT,
    "urgent_next": thanks.URGENT_NEXT,
    "not_sent": "Su solicitud no se envió",
    "maybe_not_sent": "Es posible que su solicitud no se haya enviado",
    "call_clinic": "Por favor, llame a la clínica o inténtelo más tarde.",
    "nothing_lost": "No se perdió nada de lo que escribió.",
    "send_again": "Oprima el botón de nuevo en un minuto, por favor. No hay problema si la envía dos veces.",
    "send_again_in": "Oprima el botón de nuevo en {wait}, por favor. No hay problema si la envía dos veces.",
    "seconds": "{number} segundos",
    "minutes": "{number} minutos",
    "use_suggestion": "Usar {suggestion}",
    "other_way": "Si eso no ayuda: {button}",
    "other_way_button": "Probar otra forma",
    "no_files": "Por favor, quite el archivo",
    "no_files_detail": "Todavía no se envió nada.",
    "no_files_field": (
        "Este formulario no puede recibir archivos. Por favor, quite el archivo y envíe el formulario de nuevo."
    ),
    # In the browser's console, for the developer of the clinic's site.
    "no_answer": (
        "form.js no recibió respuesta de {url}. Si la API funciona, revise que AllowedOrigins incluya {origin}."
    ),
    "not_listed": (
        "form.js no puede leer las respuestas en este sitio, así que el navegador envía el formulario. "
        "Agregue {origin} al parámetro AllowedOrigins."
    ),
    "no_origin": (
        "form.js no puede leer las respuestas en un marco sin origen, así que el navegador envía el formulario. "
        "Agregue allow-same-origin al sandbox del marco."
    ),
    "also_sent": "La API no conoce estos campos u opciones. El personal los ve junto al mensaje: {names}",
    "also_sent_advice": (
        "Esto está bien para preguntas propias. Para que una respuesta tenga su propio lugar, use un nombre y una "
        "opción de {url}, o agregue la pregunta a clinic.toml."
    ),
    "not_kept": "La API no guardó estos campos: {names}",
    "not_kept_advice": (
        "Nunca se guardan secretos como contraseñas y números de tarjeta, ni códigos de clics o de seguridad, y los "
        "textos largos se cortan. Quite estos campos del formulario, o ponga un maxlength de 500."
    ),
    "not_in_form": "La API pide estos campos y su formulario no los tiene: {names}",
    "no_form": (
        "form.js todavía no encontró ningún formulario en esta página. Escriba data-consultation-form en la etiqueta "
        "de su formulario. Si el formulario está en un shadow root, indíquelo con el evento consultation-form."
    ),
}
