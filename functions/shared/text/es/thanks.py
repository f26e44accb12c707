"""What a visitor reads once we have the request: on the page, from form.js and in the confirmation email."""

from typing import Final

SHORT: Final = "Gracias"
TITLE: Final = "Gracias. Ya\u00a0tenemos su solicitud."  # no line break after "Ya"
REFERENCE: Final = "Su número de referencia es {reference}. No lo necesita, pero ayuda cuando llama."

# What happens next. If the opening hours say when, the first sentence is one of the next four.
NEXT: Final = "Alguien de la clínica se comunicará con usted. No tiene que hacer nada más."
TODAY_STILL: Final = "Ahora estamos abiertos. Alguien se comunicará con usted hoy."
SOON: Final = "Ahora estamos abiertos. Alguien se comunicará con usted pronto."  # open around the clock
LATER: Final = "Alguien se comunicará con usted {when}."  # open, but not for long enough
CLOSED: Final = "Ahora estamos cerrados. Alguien se comunicará con usted {when}."
NOTHING_ELSE: Final = "No tiene que hacer nada más."

# The same for a visitor in crisis, who sees the numbers to call above it.
URGENT_NEXT: Final = (
    "Le pedimos a nuestro personal que vea su solicitud primero. Mientras tanto, por favor use los números de arriba."
)
URGENT_CLOSED_NEXT: Final = (
    "Le pedimos a nuestro personal que vea su solicitud primero. Pero ahora estamos cerrados, así que quizás no se "
    "comuniquen con usted antes de que abramos {when}. Mientras tanto, por favor use los números de arriba."
)

# By email, where the numbers are below.
URGENT_BY_EMAIL: Final = (
    "Le pedimos a nuestro personal que vea su solicitud primero. Si necesita ayuda antes, por favor use los números de "
    "abajo."
)

# When: a day and a time, in the clinic's time zone.
FROM: Final = "{day} a partir de {time}"
AT: Final = "{day} a {time}"
TODAY: Final = "hoy"
TOMORROW: Final = "mañana, {weekday},"
ON_DAY: Final = "el {weekday}"
ON_DATE: Final = "el {weekday} {day} de {month},"
WEEKDAYS: Final = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")
MONTHS: Final = (
    *("enero", "febrero", "marzo", "abril", "mayo", "junio"),
    *("julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
)
CLOCK: Final = {0: "medianoche", 12: "las 12\u00a0p.\u00a0m."}
CLOCK_HOUR: Final = {"one": "la {hour}\u00a0{half}", "other": "las {hour}\u00a0{half}"}  # "one" is for one o'clock
CLOCK_MINUTES: Final = {"one": "la {hour}:{minute}\u00a0{half}", "other": "las {hour}:{minute}\u00a0{half}"}
HALVES: Final = ("a.\u00a0m.", "p.\u00a0m.")  # of the day
# US time zones within a sentence. Others are named by their abbreviation.
ZONES: Final = {
    "America/New_York": "hora del Este",
    "America/Chicago": "hora del Centro",
    "America/Denver": "hora de la Montaña",
    "America/Phoenix": "hora de Arizona",
    "America/Los_Angeles": "hora del Pacífico",
    "America/Anchorage": "hora de Alaska",
    "Pacific/Honolulu": "hora de Hawái",
}
ZONE: Final = "({zone})"  # after a time

# A visitor in crisis is not asked to correct their address first.
CHECK_EMAIL: Final = (
    "Por favor, revise su correo electrónico. Puede tener un error de escritura. Si lo tiene, llámenos, por favor, "
    "para poder comunicarnos con usted."
)
