"""Detects words in a request that people in crisis use. Such words only raise the priority of its alert."""

import re
from functools import cache

_SELF = r"(?:my|your|him|her|them) ?sel(?:f|ves)"
_TOO_MANY = r"(?:too many|a bunch of|a (?:whole |full )?bottle of|all (?:of )?(?:my|his|her|the|their))"
# Phrases that people in danger type, based on the warning signs of the 988 Lifeline
# (https://988lifeline.org/help-yourself/). A false match costs staff only a glance.
_PHRASES = (
    r"suicid\w*",
    r"(?:sucid|suicd|suidic|suisid)\w*",  # often misspelled so
    rf"(?:kill|hurt|harm|cut|hang|shoot|drown|poison)(?:t?ing)? {_SELF}",
    r"unaliv(?:e|ed|ing)",
    r"end(?:ing)? (?:my|his|her|their) (?:own )?life",
    r"end(?:ing)? it all",
    r"tak(?:e|ing) (?:my|his|her|their) own life",
    r"(?:(?:want|wants|wanted|wish|going|ready) to|wanna) (?:die|be dead)",
    r"wish (?:i|he|she|they) (?:was|were) dead",
    r"(?:do|does|did)(?:n'?t| not) (?:want to|wanna) (?:live|be here|be alive|exist|wake up|go on)",
    r"(?:no longer|not) want(?:s|ed|ing)? to (?:live|be here|be alive|exist|wake up|go on)",
    r"rather (?:die|(?:be|been) dead|not (?:be (?:here|alive)|live|exist|wake up))",
    r"(?:never|not) been born|(?:was|were) never born",
    r"(?:no|any) reason to (?:live|go on)",
    r"nothing (?:left )?to live for",
    r"point (?:in|of) (?:living|going on|being (?:here|alive))",
    r"tired of (?:living|life|being alive)",
    r"(?:not|isn'?t|ain'?t) worth living",
    r"better off (?:dead|without me|if (?:i|he|she|they) (?:was|were|wasn'?t|weren'?t) )",
    r"(?:can'?t|cannot|can not) (?:go on|live (?:like this|any ?more))",
    r"(?:can'?t|cannot|can not) (?:take|do|bear) (?:it|this|life) any ?more",
    r"(?:think|thinking|thought|thoughts) (?:about|of) (?:dying|death|being dead)",
    r"self[- ]?harm\w*",
    r"overdos\w*",
    rf"(?:took|taken|swallowed) {_TOO_MANY} (?:\w+ )?(?:pills|tablets|meds|medication)",
    # Spanish, as people type it: with accents or without. Based on https://988lifeline.org/es/.
    r"(?:(?:qu|k)ier[oe]n?|queremos|quisiera|quer[ií]a|querr[ií]a|quis[eo]|querido) morir(?:me|se|nos)?",
    r"(?:dese(?:o|a|ar[ií]a)|deseos de|prefier[oe]|preferir[ií]a|gustar[ií]a|ganas de|mejor) morir(?:me|se)?",
    r"(?:list[oa] para|dispuest[oa] a|voy a|va a) morir(?:me|se)?",
    r"(?:piens[oa]|pens(?:ar|ando|ado)) en (?:morir(?:me|se)?|la muerte)",
    r"(?:me|se) (?:quier[oe]|quis[eo]|quer[ií]a|intent[oeéó]|trat[oeéó] de|voy a|va a) (?:morir|matar|ahorcar|colgar)",
    r"(?:quiero|quisiera|querr[ií]a|desear[ií]a|prefier[oe]|preferir[ií]a|gustar[ií]a|mejor) (?:estar )?muert[oa]",
    r"no (?:me )?(?:(?:qu|k)ier[oe]n?|deseo|quisiera|quer[ií]a) (?:m[aá]s )?(?:vivir|existir|despertar(?:me)?|seguir)",
    r"no (?:(?:qu|k)ier[oe]n?|deseo|quisiera|quer[ií]a) (?:m[aá]s )?estar (?:aqu[ií]|viv[oa]|en este mundo)",
    r"(?:cansad|hart)[oa] de (?:vivir|la vida)",
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
    r"(?:tom|tragu?)[eéó] (?:todas (?:las|mis)|muchas|demasiadas|un mont[oó]n de) (?:pastillas|p[ií]ldoras)",
    r"(?:ahorc|colg)(?:ar|[aá]ndo)(?:me|se)",
    r"peg(?:ar(?:me|se)|o|u[eé]) un tiro",
    r"no puedo m[aá]s",
    r"ya no aguanto",
    r"no (?:aguanto|soporto) m[aá]s",
    r"mejor sin m[ií]",
    r"ojal[aá] (?:me )?(?:muera|muriera|estuvi(?:era|ese) muert[oa]|no (?:despertara|despierte|hubiera nacido))",
    r"autolesi\w*",
    r"sobredosis",
)
# Each phrase contains one of these. Looking for them first takes a fifth of the time, and a visitor waits for that.
_STEMS = (
    *("suicid", "sucid", "suicd", "suidic", "suisid", "kill", "life", "it all", " die", " dying", "dead"),
    *("of death", "about death", "want to", "wants to", "wanted to", "wanting to", "wanna", "rather not"),
    *("never born", "been born", "reason to", "better off", "go on", "going on", "live for", "live like"),
    *("live any", "of living", "in living", "worth living", "alive", "unaliv", "being here", "sel", "anymore"),
    *("any more", "overdos", "too many", "a bunch of", "bottle of", "took all", "taken all", "swallow"),
    *("morir", "muer", "muriera", "matar", "matando", "me mato", "viv", "vida", "existir", "despert"),
    *("despierte", "seguir", "estar aqu", "este mundo", "acabar con", "terminar con", "desaparecer", " dano"),
    *("lastim", "cortar", "cortando", "me cort", "se cort", "herir", "hiriendo", "pastillas", "pildoras"),
    *("ahorc", "colg", "un tiro", "no puedo mas", "no aguanto", "no soporto mas", "mejor sin mi"),
    *("hubiera nacido", "autolesi", "sobredosis"),
)

_APOSTROPHES = dict.fromkeys(map(ord, "\u2019\u02bc\u00b4`"), "'")  # other characters typed as an apostrophe


def asks_about_crisis(name: str) -> bool:
    """Whether the name or the label of a question says that it is about a crisis, such as "suicidalThoughts"."""
    return "crisis" in name.lower() or mentions_crisis(re.sub(r"(?<=[a-z])(?=[A-Z])|[\W\d_]+", " ", name))


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
