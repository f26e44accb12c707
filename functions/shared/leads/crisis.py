"""Detects words in a request that people in crisis use. Such words only raise the priority of its alert."""

import re
from functools import cache

# Phrases that people in danger type, based on the warning signs of the 988 Lifeline
# (https://988lifeline.org/help-yourself/). A false match costs staff only a glance.
_PHRASES = (
    r"suicid\w*",
    r"kill(?:ing)? (?:my ?self|himself|herself|themselves|themself)",
    r"end(?:ing)? (?:my|his|her|their) (?:own )?life",
    r"end(?:ing)? it all",
    r"tak(?:e|ing) (?:my|his|her|their) own life",
    r"(?:(?:want|wants|wanted|wish|going|ready) to|wanna) (?:die|be dead)",
    r"wish (?:i|he|she|they) (?:was|were) dead",
    r"(?:don'?t|do not|doesn'?t|does not) want to (?:live|be here|be alive|wake up|go on)",
    r"(?:no|any) reason to (?:live|go on)",
    r"better off (?:dead|without me)",
    r"(?:can'?t|cannot|can not) go on",
    r"(?:hurt|harm|cut)(?:ing|ting)? (?:my ?self|himself|herself|themselves)",
    r"self[- ]?harm\w*",
    r"overdos\w*",
    # Spanish, as people type it: with accents or without. Based on https://988lifeline.org/es/.
    r"(?:(?:qu|k)ier[oe]n?|quisiera|quer[ií]a|querr[ií]a|quis[eo]|querido) morir(?:me|se)?",
    r"(?:dese(?:o|a|ar[ií]a)|deseos de|prefier[oe]|preferir[ií]a|gustar[ií]a|ganas de|mejor) morir(?:me|se)?",
    r"(?:list[oa] para|dispuest[oa] a|voy a|va a) morir(?:me|se)?",
    r"(?:piens[oa]|pens(?:ar|ando|ado)) en (?:morir(?:me|se)?|la muerte)",
    r"(?:me|se) (?:quier[oe]|quis[eo]|quer[ií]a|intent[oeéó]|trat[oeéó] de|voy a|va a) (?:morir|matar)",
    r"(?:quiero|quisiera|querr[ií]a|desear[ií]a|prefier[oe]|preferir[ií]a|gustar[ií]a|mejor) (?:estar )?muert[oa]",
    r"no (?:quier[oe]n?|deseo|quisiera|quer[ií]a) (?:m[aá]s )?(?:vivir|existir|despertar(?:me)?|seguir)",
    r"no (?:quier[oe]n?|deseo|quisiera|quer[ií]a) (?:m[aá]s )?estar (?:aqu[ií]|viv[oa]|en este mundo)",
    r"(?:no (?:tengo|tiene)|sin|perd(?:[ií]|i[oó]|ido) las) ganas de (?:vivir|seguir)",
    r"no puedo (?:seguir|vivir)",
    r"no (?:vale la pena|tiene sentido) (?:vivir|seguir)",
    r"(?:la|mi) vida (?:ya )?no (?:vale|tiene sentido)",
    r"sentido a (?:la|mi) vida",
    r"(?:sin|ning[uú]na?|no (?:tengo|hay|veo|encuentro)) (?:raz[oó]n|razones|motivos?) (?:para|de) (?:vivir|seguir)",
    r"(?:raz[oó]n|motivo) por (?:la|el) que (?:vivir|seguir)",
    r"no tengo por qu[eé] (?:vivir|seguir)",
    r"mat(?:ar|[aá]ndo)(?:me|se)",
    r"me mato",
    r"(?:mejor|si) me muero",
    r"quit(?:ar|[aá]ndo)(?:me|se)? la vida",
    r"quit[oeéó] la vida",
    r"(?:acabar|terminar) (?:con )?(?:mi|su) (?:propia )?vida",
    r"poner(?:le)? fin a (?:mi|su) (?:propia )?vida",
    r"(?:acabar|terminar) con todo",
    r"dejar de (?:vivir|existir)",
    r"(?:quiero|quisiera) desaparecer",
    r"(?:y|para) no despertar(?:me)?",
    r"no despertar(?:me)? (?:nunca|jam[aá]s|m[aá]s)",
    r"(?:hacer(?:me|se)|haci[eé]ndo(?:me|se)|me hago|me hice|se hace) (?:mucho )?da[nñ]o",
    r"(?:me|se) est(?:oy|[aá]) (?:cortando|lastimando|haciendo (?:mucho )?da[nñ]o)",
    r"(?:lastim|cort)(?:ar|[aá]ndo)(?:me|se)",
    r"(?:herir|hiri[eé]ndo)(?:me|se)",
    r"(?:me|se) cort[oaeéó] (?:los brazos|el brazo|las (?:venas|mu[nñ]ecas|piernas))",
    r"me lastimo",
    r"tom[eéó] todas las pastillas",
    r"no puedo m[aá]s",
    r"ya no aguanto",
    r"no (?:aguanto|soporto) m[aá]s",
    r"mejor sin m[ií]",
    r"ojal[aá] (?:me )?(?:muera|muriera|estuvi(?:era|ese) muert[oa]|no (?:despertara|hubiera nacido))",
    r"autolesi\w*",
    r"sobredosis",
    r"suisid\w*",  # often misspelled so
)
# Each phrase contains one of these. Looking for them first takes a fifth of the time, and a visitor waits for that.
_STEMS = (
    *("suicid", "kill", "life", "it all", " die", "dead", "want to", "reason to", "better off", "go on", "sel"),
    "overdos",
    *("morir", "muer", "muriera", "matar", "matando", "me mato", "viv", "vida", "existir", "despertar", "seguir"),
    *("estar aqu", "este mundo", "acabar con", "terminar con", "desaparecer", " dano", "lastim", "cortar", "cortando"),
    *("me cort", "se cort", "herir", "hiriendo", "todas las pastillas", "no puedo mas", "no aguanto", "no soporto mas"),
    *("mejor sin mi", "hubiera nacido", "autolesi", "sobredosis", "suisid"),
)

_APOSTROPHES = dict.fromkeys(map(ord, "\u2019\u02bc\u00b4`"), "'")  # other characters typed as an apostrophe


def mentions_crisis(text: str) -> bool:
    """Whether `text` contains words that people in crisis use."""
    if text.isascii() and not _has_a_stem(text):
        return False
    return _phrases().search(" ".join(text.translate(_APOSTROPHES).split())) is not None


@cache
def _phrases() -> re.Pattern[str]:
    # Compiled at first use, because few requests need it, and a visitor waits for the cold start.
    return re.compile(rf"\b(?:{'|'.join(_PHRASES)})\b", re.IGNORECASE)


def _has_a_stem(text: str) -> bool:
    # Not for other alphabets: some of their letters match only in the expression, such as the Turkish capital I.
    simple = " ".join(text.lower().split())
    return any(stem in simple for stem in _STEMS)
