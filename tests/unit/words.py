"""Text that hypothesis types into forms: anything a keyboard, a script or an attacker can send."""

from hypothesis import strategies as st

# Tests look for it where no visitor's text may be. It has only letters, so no escaping hides it.
CANARY = "Zanzibarcanary"

# Characters that have broken software before.
_HOSTILE = st.sampled_from(
    [
        *("\x00", "\x07", "\x0b", "\x0c", "\x1c", "\x7f", "\x85", "\r", "\n", "\t", "\r\n"),
        *("\u200b", "\u200d", "\u200e", "\u202e", "\u2066", "\u2028", "\u2029", "\ufeff", "\uffff", "\ufffd"),
        *("\ud800", "\udfff", "\u0301", "\u0410", "\u3000", "\xa0", "\xad", "\u1100\u1161"),
        *("<script>", "</dd>", "&amp;", '"', "'", "{{ 7*7 }}", "{% raw %}", "=cmd|x!A1", "www.", "http://", "@", "://"),
    ]
)
# Includes lone surrogates, which JSON can carry and UTF-8 cannot.
_ANY_CHARACTER = st.characters(exclude_categories=())

any_text = st.lists(st.one_of(_ANY_CHARACTER, _HOSTILE, st.text(max_size=5)), max_size=30).map("".join)

json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), any_text),
    lambda children: st.one_of(st.lists(children, max_size=3), st.dictionaries(any_text, children, max_size=3)),
    max_leaves=5,
)
