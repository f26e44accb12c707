"""shared.leads.crisis: words of crisis are found. A false match costs staff only a glance, so a few are acceptable."""

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.leads.crisis import _PHRASES, _phrases, asks_about_crisis, mentions_crisis
from tests.unit.words import any_text

HITS = [
    "I am suicidal",
    "SUICIDE",
    "thoughts of suicide.",
    "my brother's suicidality",
    "I'm going to a suicide prevention walk",  # not in crisis, but a glance is cheap
    "I want to kill myself",
    "he talks about killing himself",
    "she might kill herself",
    "they will kill themselves",
    "I want to end my life",
    "ending my own life",
    "thinking of ending it all",
    "to take my own life",
    "taking her own life",
    "I want to die",
    "she wants to die",
    "I wanted to be dead",
    "I'm ready to die",
    "I wish I was dead",
    "I wish I were dead",
    "I don't want to live",
    "I dont want to be here anymore",
    "i do not want to wake up",
    "He doesn't want to live like this",
    "I don\u2019t want to go on",
    "there is no reason to live",
    "I see no reason to go on",
    "is there any reason to live",
    "everyone is better off without me",
    "better off dead",
    "I can't go on",
    "I cant go on",
    "I can\u2019t go on like this",
    "I cannot go on",
    "I hurt myself",
    "hurting myself",
    "harming himself",
    "cutting myself",
    "they are harming themselves",
    "I cut myself again",
    "self-harm",
    "self harm",
    "selfharm",
    "self-harming for years",
    "I overdosed last year",
    "an overdose",
    "i wanna die",
    "I will kill my self",
    "I can not go on",
    "I can\u00b4t go on",
    "sucidal thoughts",
    "feeling suicdal",
    "I don't wanna live anymore",
    "dont wanna be here anymore",
    "I no longer want to live",
    "not wanting to be alive",
    "I didn't want to wake up",
    "I'd rather be dead",
    "she would rather not be here",
    "I have nothing to live for",
    "there is no point in living",
    "I don't see the point of going on",
    "I am so tired of living",
    "my life is not worth living",
    "life isn't worth living",
    "they'd be better off if I was dead",
    "better off if I wasn't here",
    "I wish I was never born",
    "I wish I had never been born",
    "I can't live like this",
    "I can't take it anymore",
    "can't do this any more",
    "thinking about dying",
    "thoughts of death",
    "hang myself",
    "he wants to shoot himself",
    "unalive myself",
    "kill him self",
    "they are cutting them selves",
    "thoughts of harming yourself",
    "I took all my pills",
    "took too many sleeping pills",
    "he swallowed a whole bottle of tablets",
]
SPANISH = [
    "quiero morir",
    "Ya no quiero vivir",
    "no quiero vivir así",
    "quiero matarme",
    "mi hermano habla de matarse",
    "pienso en el suicidio",
    "pensamientos suicidas",
    "quiero quitarme la vida",
    "se quiere quitar la vida",
    "quiero hacerme daño",
    "quiero hacerme dano",
    "a veces me hago daño",
    "me quiero morir",
    "tengo ganas de morirme",
    "no tengo ganas de vivir",
    "no tengo razones para vivir",
    "ninguna razón para seguir",
    "no veo motivo para seguir",
    "acabar con mi vida",
    "terminar con todo",
    "ya no puedo más",
    "ya no puedo mas",
    "no aguanto más",
    "todos estarían mejor sin mí",
    "estarian mejor sin mi",
    "quisiera estar muerta",
    "ojalá me muriera",
    "no quiero despertar",
    "quiero cortarme",
    "autolesiones desde hace años",
    "una sobredosis",
    "no vale la pena vivir",
    "ya no quiero estar aquí",
    "ya no quiero estar viva",
    "no quiero estar en este mundo",
    "quería morirme anoche",
    "quise morir",
    "he querido morir",
    "ha querido matarse",
    "quieren morirse",
    "no quieren vivir",
    "prefiero morir",
    "prefiero estar muerta",
    "desearía morir",
    "desearía estar muerto",
    "me gustaría morir",
    "me gustaría estar muerta",
    "querría morir",
    "deseos de morir",
    "pienso en morirme",
    "pienso en la muerte todo el día",
    "estoy lista para morir",
    "no puedo seguir",
    "ya no puedo seguir",
    "no puedo seguir adelante",
    "ya no puedo seguir con esto",
    "no vale la pena seguir",
    "la vida no tiene sentido",
    "mi vida no tiene sentido",
    "la vida no vale la pena",
    "he perdido las ganas de vivir",
    "perdió las ganas de vivir",
    "quiero acabar con mi propia vida",
    "poner fin a mi vida",
    "terminar mi vida",
    "quiero dejar de vivir",
    "quiero dejar de existir",
    "quiero desaparecer",
    "me corto los brazos",
    "me corté las venas",
    "me estoy cortando",
    "cortándome",
    "se corta los brazos",
    "haciéndome daño",
    "haciendome dano",
    "me estoy haciendo daño",
    "hacerme mucho daño",
    "me hice mucho daño",
    "me lastimo",
    "lastimándome",
    "me mato",
    "se quiso matar",
    "intentó matarse",
    "se intentó matar",
    "me quise matar",
    "me quería matar",
    "me intenté matar",
    "tengo ganas de matarme",
    "ya no aguanto",
    "ya no aguanto esta vida",
    "no soporto más",
    "ojalá me muera",
    "ojala me muera",
    "ojalá no despertara",
    "ojalá estuviese muerto",
    "ojalá no hubiera nacido",
    "quiero dormir y no despertar",
    "no despertar nunca más",
    "me quiero quitar la vida",
    "se quitó la vida",
    "me quito la vida",
    "quitándome la vida",
    "me tomé todas las pastillas",
    "QUIERO MORIRME",
    "kiero morir",
    "no quiero mas vivir",
    "no quiero seguir",
    "no quiero seguir mas",
    "no tengo motivos para vivir",
    "sin razones para vivir",
    "no hay razón por la que vivir",
    "no tengo por qué vivir",
    "no le veo sentido a la vida",
    "estaría mejor muerta",
    "estarían mejor si me muero",
    "sería mejor morir",
    "mejor me muero",
    "me suicidé",
    "me voy a suicidar",
    "suisidio",
    "me quiero suisidar",
    "no kiero vivir",
    "no me quiero despertar",
    "queremos morir",
    "ojalá no despierte",
    "cansada de vivir",
    "harto de la vida",
    "quiero ahorcarme",
    "me quiero colgar",
    "pegarme un tiro",
    "tomé muchas pastillas",
    "me tragué todas mis pastillas",
]
NEAR_MISSES = [
    "",
    "Quiero saber más",
    "No quiero esperar",
    "Quiero vivir mejor",
    "Mi vida ha cambiado mucho",
    "Me gusta seguir un tratamiento",
    "¿Hay algún motivo para ayunar antes?",
    "No puedo el lunes",
    "Me hace bien caminar",
    "mejor por la mañana",
    "Me lastimé la pierna",
    "Quiero seguir con mi tratamiento",
    "Me corté el pelo",
    "Necesito información sobre el bienestar",
    "¿Tiene sentido para alguien de mi edad?",
    "I could kill for a coffee",
    "The traffic is killing me",
    "I would like to know more.",
    "I do not want to wait",
    "I want to diet",
    "I am dying to know what it costs",
    "My life has changed; the end of the year is best",
    "Is there any reason to fast before it?",
    "I am better off in the morning",
    "I cut my hair",
    "How is the dose chosen?",
    "myself",
    "I take my own car",
    "the end",
    "pesticides",
    "a harmless question",
    "I would rather not be called at work",
    "I took my medication",
    "More than I wanted to pay",
    "Estoy cansada de esperar",
    "tomo pastillas para dormir",
]


@pytest.mark.parametrize("text", [*HITS, *SPANISH])
def test_words_of_crisis_are_found(text: str) -> None:
    assert mentions_crisis(text)


@pytest.mark.parametrize("text", SPANISH)
def test_spanish_words_of_crisis_are_found_without_accents(text: str) -> None:
    letters = unicodedata.normalize("NFD", text)
    assert mentions_crisis("".join(letter for letter in letters if not unicodedata.combining(letter)))


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_ordinary_words_are_no_crisis(text: str) -> None:
    assert not mentions_crisis(text)


@pytest.mark.parametrize(
    "name",
    [
        *("in_crisis", "crisis", "suicidal_thoughts", "suicidalThoughts", "are-you-suicidal", "self-harm", "selfHarm"),
        *("Are you having thoughts of suicide?", "thoughts_of_harming_yourself", "suicidio", "pensamientos suicidas"),
    ],
)
def test_a_question_about_a_crisis_is_told_by_its_name(name: str) -> None:
    assert asks_about_crisis(name)


@pytest.mark.parametrize("name", ["self_pay", "insurance", "best_day", "lifestyle", "harmony", "killington", ""])
def test_another_question_is_none_about_a_crisis(name: str) -> None:
    assert not asks_about_crisis(name)


_around = any_text.map(lambda text: f"{text} ")


@given(
    hit=st.sampled_from([*HITS, *SPANISH]),
    before=_around,
    after=_around,
    space=st.sampled_from([" ", "\n", "\t", "  ", "\xa0"]),
)
def test_they_are_found_anywhere_over_line_ends_in_any_case(hit: str, before: str, after: str, space: str) -> None:
    typed = hit.replace(" ", space)
    assert mentions_crisis(f"{before}{typed} {after}")
    assert mentions_crisis(typed.upper())


@given(text=any_text)
def test_no_text_raises(text: str) -> None:
    assert mentions_crisis(text) in {True, False}


@pytest.mark.parametrize("phrase", _PHRASES)
def test_whatever_a_phrase_finds_has_one_of_the_stems(phrase: str) -> None:
    alone = re.compile(rf"\b(?:{phrase})\b", re.IGNORECASE)

    @settings(max_examples=25)
    @given(
        text=st.from_regex(alone, alphabet=st.characters(codec="ascii")), around=st.sampled_from(["", " ", "\n", "?"])
    )
    def is_found(text: str, around: str) -> None:
        typed = f"{around}{text}{around}"
        assert mentions_crisis(typed) is (_phrases().search(" ".join(typed.split())) is not None)

    is_found()
