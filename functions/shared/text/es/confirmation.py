"""What a visitor reads in the confirmation email, besides the help and the thanks."""

from typing import Final

SUBJECT: Final = "Ya tenemos su solicitud ({reference})"
NEXT: Final = "Qué sigue ahora"
DO_NOT_WAIT: Final = "Por favor, no espere a que le respondamos."
CHANGE: Final = "Si cambia de opinión"
WITHDRAW: Final = (
    "Puede retirar su consentimiento en cualquier momento: para todo contacto sobre su solicitud, solo para los "
    "mensajes de texto o solo para las noticias por correo electrónico. También puede pedirnos una copia de sus datos "
    "o pedirnos que los borremos."
)
HOW: Final = (
    "Llámenos al {clinic_phone} y díganos su número de referencia, {reference}. Por favor, no responda a este correo: "
    "nadie lee las respuestas."
)
NOT_YOU: Final = (
    "Si usted no nos envió ninguna solicitud, alguien escribió su dirección por error. No tiene que hacer nada."
)
