"""What a visitor reads when a request was not stored, or a page cannot be shown.

The third part of some answers is for people who build the clinic's site. A page shows it last and folded, JSON apart
from the rest.
"""

from typing import Final

from shared.text.answer import AnswerWords

INVALID: Final = AnswerWords(
    "Por favor, revise su solicitud",
    "Todavía no la hemos guardado. Revise lo que se indica aquí y envíela de nuevo.",
)
MINOR: Final = AnswerWords(
    "Gracias por escribirnos",
    "Solo podemos atender a personas de {minimum_age} años o más, así que no guardamos nada. Llámenos al "
    "{clinic_phone} y le diremos quién puede ayudar. También puede ayudar un pediatra o un médico de familia. Si "
    "eligió la respuesta equivocada, cámbiela y envíe el formulario de nuevo.",
)
CONFLICT: Final = AnswerWords(
    "Por favor, envíe su solicitud de nuevo",
    "Es posible que ya haya enviado una solicitud desde esta página. Esta todavía no la hemos guardado. Envíela de "
    "nuevo, por favor.",
)
ERASED: Final = AnswerWords(
    "Borramos esta solicitud",
    "Alguien nos pidió que la borráramos, así que ya no la tenemos. Si todavía quiere que nos comuniquemos con usted, "
    "envíela de nuevo como una solicitud nueva.",
)
NOT_STORED: Final = AnswerWords(
    "No pudimos recibir su solicitud",
    "No se guardó nada. Envíela de nuevo en un minuto, por favor. No hay problema si la envía dos veces.",
)
MAYBE_STORED: Final = AnswerWords(
    "Por favor, envíe su solicitud de nuevo",
    "No sabemos si se guardó. Envíela de nuevo en un minuto, por favor. No hay problema si la envía dos veces.",
)
STORED_UNSHOWN: Final = AnswerWords(
    "Ya tenemos su solicitud",
    "No hace falta que la envíe de nuevo. Solo que no pudimos mostrarle la página que lo confirma.",
)
NOT_SHOWN: Final = AnswerWords(
    "No pudimos mostrar esta página",
    "Tenemos un problema técnico. Abra la página de nuevo en un minuto, por favor.",
)
_FORMS_POST: Final = "Los formularios se envían a /consultations, sin barra al final."
NOT_FOUND: Final = AnswerWords(
    "No encontramos esta página",
    "Revise la dirección, por favor. Si llegó aquí desde un formulario, mejor llame a la clínica.",
    _FORMS_POST,
)
NOT_ALLOWED: Final = AnswerWords(
    "Aquí no hay ninguna página",
    "Si llegó aquí desde un formulario, mejor llame a la clínica, por favor.",
    "Esta dirección solo acepta solicitudes {method}.",
)
# A form that was sent to a wrong address, and one that was sent as a link.
MISDIRECTED: Final = AnswerWords(
    "Todavía no tenemos su solicitud",
    "El formulario la envió a una dirección equivocada, así que no la hemos guardado. Revísela y envíela de nuevo "
    "desde aquí, por favor.",
    _FORMS_POST,
)
NOT_POSTED: Final = AnswerWords(
    "Su solicitud todavía no se ha enviado",
    "Revísela, por favor, y luego oprima el botón de abajo para enviarla.",
    'El formulario necesita method="post". Con "get", lo que la gente escribe termina en la dirección de una página.',
)

_UNREADABLE: Final = "No pudimos leer su formulario"

# By the reason that submit/decode.py gives.
UNREADABLE: Final = {
    "too_large": AnswerWords(
        "Es demasiado para enviarlo de una vez",
        "Todavía no hemos guardado nada. Acorte su mensaje, quite los archivos si los hay y envíelo de nuevo, por "
        "favor.",
    ),
    "media_type": AnswerWords(
        _UNREADABLE,
        "Mejor llame a la clínica, por favor. Lamentamos la molestia.",
        "Envíe la solicitud como {json}, {form} o {multipart}, y dígalo en Content-Type.",
    ),
    "not_json": AnswerWords(
        _UNREADABLE,
        "Envíelo de nuevo, por favor. Si eso no ayuda, llame a la clínica.",
        "Envíe un objeto JSON en UTF-8, con cada campo una sola vez.",
    ),
    "not_an_object": AnswerWords(
        _UNREADABLE,
        "Envíelo de nuevo, por favor. Si eso no ayuda, llame a la clínica.",
        "Envíe un objeto JSON con los campos del formulario.",
    ),
    "too_many_fields": AnswerWords(
        _UNREADABLE,
        "Mejor llame a la clínica, por favor. Lamentamos la molestia.",
        "Envíe {max_fields} campos como máximo.",
    ),
    "bad_parts": AnswerWords(
        _UNREADABLE,
        "Envíelo de nuevo, por favor. Si eso no ayuda, llame a la clínica.",
        "Las partes están cortadas o no siguen el RFC 7578.",
    ),
    "files": AnswerWords(
        "Por favor, quite el archivo",
        "No podemos recibir archivos, así que dejamos fuera el suyo. Todavía no hemos guardado nada. Envíe el "
        "formulario de nuevo, por favor.",
    ),
}

# Answers that API Gateway sends when our code does not run. template.yaml has a copy, because it cannot read this file.
GATEWAY_4XX: Final = AnswerWords(
    "Por favor, envíe su solicitud de nuevo",
    "No pudimos recibir su solicitud. Regrese al formulario y envíela de nuevo en un minuto, por favor. No hay "
    "problema si la envía dos veces.",
)
GATEWAY_5XX: Final = AnswerWords(
    "Por favor, envíe su solicitud de nuevo",
    "No sabemos si su solicitud se guardó. Regrese al formulario y envíela de nuevo en un minuto, por favor. No hay "
    "problema si la envía dos veces.",
)
GATEWAY_TOO_LARGE: Final = AnswerWords(
    "Su mensaje es demasiado largo",
    "No pudimos recibir su solicitud. Regrese al formulario, quite los archivos si los hay, acorte su mensaje y "
    "envíelo de nuevo, por favor.",
)

# The answer of the firewall. infra/firewall.yaml has a copy.
FIREWALL: Final = AnswerWords(
    "Por favor, espere y envíela de nuevo",
    "No pudimos recibir su solicitud porque llegaron muchas a la vez. Espere cinco minutos, regrese al formulario y "
    "envíela de nuevo, por favor. No hay problema si la envía dos veces.",
)
