"""Masked tokens, replaced words and filled templates."""

import itertools
import re
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlworkbench.augmentation import (
    _words,
    fill_template,
    random_tokens,
    replace_words,
)
from mlworkbench.augmentation._words import _pattern

WORDS = [f"w{i}" for i in range(1000)]


def fates(before, after):
    """Count masked, replaced and untouched tokens."""
    pairs = zip(before.split(), after.split(), strict=True)
    return Counter(
        "masked" if new == "[MASK]" else "same" if new == old else "replaced"
        for old, new in pairs
    )


def test_shares_of_bert():
    # Devlin et al. (2019), section 3.1: 15 % chosen; of those 80 % masked, 10 %
    # another token, 10 % as they are: 1.5 % of all tokens become nonsense.
    text = " ".join(WORDS)
    for seed in range(5):
        found = fates(text, random_tokens(text, random_state=seed))
        assert found == {"masked": 120, "replaced": 15, "same": 865}
    found = fates(text, random_tokens(text, 0.4, 0.25, keep_share=0.5, random_state=0))
    assert found == {"masked": 100, "replaced": 100, "same": 800}


def test_short_texts_have_the_shares_on_average():
    text, total = "one two three four five six seven", Counter()
    rng = np.random.default_rng(0)
    n = 4000
    for _ in range(n):
        total += fates(text, random_tokens(text, random_state=rng))
    for fate, share in {"masked": 0.12, "replaced": 0.015}.items():
        four_errors = 4 * np.sqrt(share / (7 * n))
        assert abs(total[fate] / (7 * n) - share) < four_errors


def test_one_chosen_word_stays_as_often_as_asked():
    # Replaced and kept are drawn together: apart they would be in each other's
    # way, and one word in ten would be kept only nine times in a hundred.
    rng, n, fate = np.random.default_rng(0), 10_000, Counter()
    for _ in range(n):
        new = random_tokens(
            "one", 1, 0.4, vocabulary=["z"], keep_share=0.4, random_state=rng
        )
        fate[new] += 1
    for word, share in {"one": 0.4, "z": 0.4, "[MASK]": 0.2}.items():
        assert abs(fate[word] / n - share) < 4 * np.sqrt(share * (1 - share) / n)


def test_a_word_alone_is_masked_where_there_is_no_other():
    new = {random_tokens("fever", 1, random_state=seed) for seed in range(200)}
    assert new == {"fever", "[MASK]"}
    assert random_tokens("a a", 1, 1) == "[MASK] [MASK]"


def test_all_chosen_words_may_be_replaced():
    # The words kept by default make room.
    assert random_tokens("a b a", 1, 1, random_state=0) == "b a b"
    assert random_tokens("a b a", 1, 1, keep_share=0, random_state=0) == "b a b"


def test_every_position_has_the_same_chance():
    text = " ".join(WORDS[:20])
    rng, hit = np.random.default_rng(1), np.zeros(20)
    for _ in range(3000):
        new = random_tokens(text, 0.25, 0.2, random_state=rng).split()
        hit += [a != b for a, b in zip(text.split(), new, strict=True)]
    share = 0.25 * 0.9
    assert np.all(np.abs(hit / 3000 - share) < 4.5 * np.sqrt(share / 3000))


def test_one_call_shares_its_counts_over_all_texts():
    texts = [f"{word} ok" for word in WORDS[:500]]
    new = random_tokens(texts, random_state=0)
    found = sum((fates(a, b) for a, b in zip(texts, new, strict=True)), Counter())
    assert found == {"masked": 120, "replaced": 15, "same": 865}


def test_punctuation_spaces_and_joined_words_are_kept():
    text = "  Don't-know: 38.5°C,\t120/80 …  well-known!\n"
    assert random_tokens(text, 1, 0, keep_share=0) == (
        "  [MASK]: [MASK]°[MASK],\t[MASK] …  [MASK]!\n"
    )
    assert random_tokens(text, 1, 0, keep_share=1) == text
    assert random_tokens(text, 0) == text
    assert random_tokens("", 1) == ""
    assert random_tokens("…", 1, 1, keep_share=0) == "…"


def test_replacements_come_from_the_vocabulary_and_differ():
    text = " ".join(["aa", "bb"] * 500)
    new = random_tokens(text, 1, 1, keep_share=0, random_state=0).split()
    assert new == ["bb", "aa"] * 500
    given = random_tokens(
        text, 1, 1, keep_share=0, vocabulary=["x", "y", "aa"], random_state=0
    ).split()
    assert set(given[::2]) == {"x", "y"}
    counts = Counter(given[1::2])
    assert set(counts) == {"x", "y", "aa"}
    assert all(abs(c - 500 / 3) < 4 * np.sqrt(500 * 2 / 9) for c in counts.values())


KINDS = [
    ["pain here", None],
    ("pain here", None),
    np.array(["pain here", None], dtype=object),
    pd.Series(["pain here", None], index=[7, 3], name="note"),
    pd.Series(["pain here", np.nan], dtype=object),
    pd.Series(["pain here", pd.NA], dtype="string"),
    pd.Series(["pain here", None], dtype="category"),
]


@pytest.mark.parametrize("texts", KINDS)
@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda t: random_tokens(t, 1, 0, keep_share=0), "[MASK] [MASK]"),
        (lambda t: replace_words(t, {"pain": "ache"}), "ache here"),
    ],
)
def test_the_kind_of_the_texts_is_kept(texts, change, expected):
    new = change(texts)
    assert type(new) is type(texts)
    first, second = new
    assert first == expected
    assert pd.isna(second)
    if isinstance(texts, pd.Series):
        assert new.index.equals(texts.index)
        assert new.name == texts.name
        if not isinstance(texts.dtype, pd.CategoricalDtype):
            assert new.dtype == texts.dtype
    assert next(iter(texts)) == "pain here"


def test_an_array_of_short_strings_is_not_cut():
    assert replace_words(np.array(["mi"]), {"mi": "infarct"}).tolist() == ["infarct"]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"text": 3}, TypeError, "text is a int"),
        ({"text": ["a", 3]}, TypeError, "3 at row 1"),
        ({"text": "a b", "mask_rate": 15}, ValueError, "mask_rate is 15"),
        ({"text": "a b", "mask_rate": np.nan}, ValueError, "mask_rate is nan"),
        ({"text": "a b", "replace_share": -0.1}, ValueError, "replace_share is -0.1"),
        (
            {"text": "a b", "replace_share": 0.95, "keep_share": 0.1},
            ValueError,
            "together above 1",
        ),
        ({"text": "a b", "mask_token": None}, TypeError, "mask_token is None"),
        ({"text": "a b", "vocabulary": "abc"}, TypeError, "vocabulary is one str"),
        ({"text": "a b", "vocabulary": ["a", 1]}, TypeError, "vocabulary has 1"),
        (
            {"text": "b a", "mask_rate": 0.01, "vocabulary": ["a"]},
            ValueError,
            "no word other than 'a'",
        ),
        ({"text": "b a", "vocabulary": []}, ValueError, "no word other than 'b'"),
    ],
)
def test_random_tokens_says_what_is_wrong(options, error, message):
    with pytest.raises(error, match=message):
        random_tokens(**options)


@pytest.mark.parametrize(
    ("text", "synonyms", "expected"),
    [
        ("pain, PAIN. Pain", {"pain": "ache"}, "ache, ACHE. Ache"),
        ("pains painful pain-free backpain", {"pain": "x"}, None),
        ("patient's don't", {"patient": "x", "don": "x", "t": "x"}, None),
        ("chest  pain pain", {"chest pain": "cp", "pain": "ache"}, "cp ache"),
        ("big small", {"big": "small", "small": "big"}, "small big"),
        ("a b c", {"a": "b", "b": "c", "c": "a"}, "b c a"),
        ("US us", {"US": "America"}, "America us"),
        ("US us", {"US": "America", "us": "them"}, "America them"),
        ("Us", {"US": "America", "us": "them"}, "Them"),
        ("I am", {"i": "we"}, "We am"),
        ("MI, mi", {"mi": "heart attack"}, "HEART ATTACK, heart attack"),
        ("temp. 38 C++ now", {"c++": "Rust"}, "temp. 38 Rust now"),
        ("a.b axb", {"a.b": "Z"}, "Z axb"),
        (r"x", {"x": r"\1 \g<0>"}, r"\1 \g<0>"),
        ("(pain)pain_ pain2", {"pain": "x"}, "(x)pain_ pain2"),
        ("été Été", {"été": "hiver"}, "hiver Hiver"),
        ("chest pain scale", {"chest pain": "1", "pain scale": "2"}, "1 scale"),
        ("Cold  Sore", {"cold sore": "herpes", "Cold Sore": "HSV"}, "HSV"),
        ("cold sore-eye", {"cold sore": "herpes", "cold": "chill"}, "chill sore-eye"),
        ("no c-section", {"c": "x", "section": "y", " c-section ": "z"}, "no z"),
        ("'pain' –pain", {"pain": "ache"}, "'ache' –ache"),
    ],
)
def test_words_are_replaced_whole_in_their_case_and_once(text, synonyms, expected):
    assert replace_words(text, synonyms) == (text if expected is None else expected)


def test_rate_and_choice_are_drawn_find_by_find():
    text = " ".join(["pain"] * 10_000)
    synonyms = {"pain": ["ache", "soreness"]}
    counts = Counter(replace_words(text, synonyms, rate=0.3, random_state=0).split())
    for word, share in {"pain": 0.7, "ache": 0.15, "soreness": 0.15}.items():
        assert abs(counts[word] / 10_000 - share) < 4 * np.sqrt(share / 10_000)
    assert replace_words(text, synonyms, rate=0) == text
    one, two = (replace_words(text, synonyms, random_state=5) for _ in range(2))
    assert one == two


@given(st.text(alphabet="abAB -'.", max_size=40))
def test_replacing_agrees_with_a_walk_over_the_words(text):
    new = replace_words(text, {"a": "ab", "ab": "b", "b": "a"})
    table = {"a": "ab", "ab": "b", "b": "a"}
    walked = []
    for piece in re.split(r"((?:\w+[-'])*\w+)", text):
        swapped = table.get(piece.lower())
        if swapped is None:
            walked.append(piece)
        elif len(piece) > 1 and piece.isupper():
            walked.append(swapped.upper())
        else:
            walked.append(
                swapped[0].upper() + swapped[1:] if piece[0].isupper() else swapped
            )
    assert new == "".join(walked)


def tried_one_by_one(text, synonyms):
    """Replace with one pattern that tries every key at every place (slow)."""
    keys = sorted(
        {key.strip(): key for key in synonyms},
        key=lambda k: (-len(k), k == k.lower(), k),
    )
    table = {key.strip(): new for key, new in synonyms.items()}
    groups = []
    for key in keys:
        words = r"\s+".join(map(re.escape, key.split()))
        groups.append(f"((?i:{words}))" if key == key.lower() else f"({words})")
    before, after = r"(?<!\w)(?<!\w['’\-])", r"(?!['’\-]?\w)"

    def swap(found):
        key = keys[found.lastindex - 1]
        new, old = table[key], found[0]
        if key != key.lower():
            return new
        if sum(map(str.isalpha, old)) > 1 and old.isupper():
            return new.upper()
        return new[0].upper() + new[1:] if old[0].isupper() else new

    return re.sub(f"{before}(?:{'|'.join(groups)}){after}", swap, text)


SOME = st.text(alphabet="abAİéÉſsß-'. +→Ⓐⓐ\t", min_size=1, max_size=6)


@given(
    st.lists(SOME, max_size=12).map(" ".join),
    st.dictionaries(SOME.filter(str.strip), st.sampled_from(["x", "yy z"]), min_size=1),
)
def test_the_index_finds_what_trying_every_key_finds(text, synonyms):
    # A word alone is found by its lower case, a phrase in the sense of `re`;
    # they differ for ſ (another s) and İ, in words.
    if any(sign in text + "".join(synonyms) for sign in "ſİ"):
        synonyms = {f"{key} b": new for key, new in synonyms.items()}
    expected = tried_one_by_one(text, synonyms)
    assert replace_words(text, synonyms) == expected
    assert replace_words([text, "b"], synonyms)[0] == expected


def test_a_place_tries_only_the_phrases_that_begin_so(monkeypatch):
    tried = []

    def pattern(keys):
        tried.append(keys)
        return _pattern(keys)

    monkeypatch.setattr(_words, "_pattern", pattern)
    synonyms = {f"{word} here": "x" for word in WORDS} | {"→ b": "z", "w7 or": "y"}
    new = replace_words(["W7  here, w77 → b", "w7 or w8"] * 2, synonyms)
    assert new == ["X, w77 z", "y w8"] * 2
    assert tried == [["w7 here", "w7 or"], ["w77 here"], ["→ b"], ["w8 here"]]


@pytest.mark.parametrize(
    ("text", "masked", "swapped"),
    [
        ("cafe\u0301 cafe", "[MASK] [MASK]", "cafe\u0301 bar"),
        ("re\u0301sume\u0301", "[MASK]", "re\u0301sume\u0301"),
        ("हिन्दी भाषा", "[MASK] [MASK]", "हिन्दी भाषा"),
        ("می\u200cخواهم", "[MASK]", "می\u200cخواهم"),
        ("na\u0308ive-cafe\u0301!", "[MASK]!", "na\u0308ive-cafe\u0301!"),
    ],
)
def test_accents_and_vowel_signs_belong_to_the_word(text, masked, swapped):
    assert random_tokens(text, 1, 0, keep_share=0) == masked
    synonyms = {"cafe": "bar", "re": "x", "sume": "x", "ह": "x", "می": "x", "na": "x"}
    assert replace_words(text, synonyms) == swapped
    phrases = {f"{key} {key}": "x" for key in synonyms}
    assert replace_words("cafe\u0301 cafe cafe", phrases) == "cafe\u0301 x"


def test_a_set_of_synonyms_has_an_order():
    some = {f"w{i}" for i in range(50)}
    new = replace_words("a " * 20, {"a": some}, random_state=0)
    assert new == replace_words("a " * 20, {"a": sorted(some)}, random_state=0)
    assert new == replace_words("a " * 20, {"a": frozenset(some)}, random_state=0)


@pytest.mark.parametrize(
    ("synonyms", "options", "error", "message"),
    [
        ({}, {}, ValueError, "synonyms is empty"),
        ([("a", "b")], {}, TypeError, "synonyms is a list"),
        ({1: "b"}, {}, TypeError, "the key 1"),
        ({" ": "b"}, {}, ValueError, "the key ' '"),
        ({"a": ""}, {}, ValueError, "of 'a' are ''"),
        ({"a": []}, {}, ValueError, "at least one word"),
        ({"a": ["b", None]}, {}, TypeError, "pass str or strs"),
        ({"a": None}, {}, TypeError, "of 'a' are None; pass str or strs"),
        ({"a": 5}, {}, TypeError, "of 'a' are 5; pass str or strs"),
        ({"a": "b"}, {"rate": 1.5}, ValueError, "rate is 1.5"),
        ({"a": "b"}, {"rate": True}, ValueError, "rate is True"),
    ],
)
def test_replace_words_says_what_is_wrong(synonyms, options, error, message):
    with pytest.raises(error, match=message):
        replace_words("a", synonyms, **options)


ASK = "Find me a {cuisine} restaurant within {distance} of {place}"
SLOTS = {
    "cuisine": ["Thai", "Greek", "Indian"],
    "distance": ["1 mile", "2 miles"],
    "place": ["home", "the office"],
}


def test_all_combinations_once_in_order():
    expected = [
        f"Find me a {c} restaurant within {d} of {p}"
        for c, d, p in itertools.product(*SLOTS.values())
    ]
    assert fill_template(ASK, SLOTS) == expected
    turned = dict(reversed(SLOTS.items()))  # the order is the template's
    assert fill_template(ASK, turned) == expected


def test_a_sample_has_no_repeats_and_favours_nothing():
    counts = Counter()
    for seed in range(3000):
        some = fill_template(ASK, SLOTS, 4, random_state=seed)
        assert len(set(some)) == 4
        counts.update(some)
    assert set(counts) == set(fill_template(ASK, SLOTS))
    share = 4 / 12
    spread = np.sqrt(share * (1 - share) / 3000)
    assert all(abs(c / 3000 - share) < 4 * spread for c in counts.values())
    whole = fill_template(ASK, SLOTS, 12, random_state=0)
    assert sorted(whole) == sorted(counts)
    assert whole == fill_template(ASK, SLOTS, 12, random_state=0)
    assert whole != fill_template(ASK, SLOTS, 12, random_state=1)


def test_a_sample_of_more_combinations_than_memory_holds():
    slots = {name: range(1000) for name in "abcdefg"}  # 10²¹, above 2⁶³
    template = "{a} {b} {c} {d} {e} {f} {g}"
    some = fill_template(template, slots, 2000, random_state=0)
    assert len(set(some)) == 2000
    values = np.array([line.split() for line in some], dtype=int)
    four_errors = 4 * 288.7 / np.sqrt(2000)
    assert np.all(np.abs(values.mean(axis=0) - 499.5) < four_errors)
    with pytest.raises(ValueError, match=r"1,000,000,000,000,000,000,000 comb.*pass n"):
        fill_template(template, slots)


def test_fillings_that_read_the_same_count_once():
    slots = {"a": ["x", "xy"], "b": ["yz", "z"]}  # x+yz = xy+z
    assert fill_template("{a}{b}", slots) == ["xyz", "xz", "xyyz"]
    assert len(set(fill_template("{a}{b}", slots, 3, random_state=0))) == 3
    with pytest.raises(ValueError, match=r"only 3 different .* 4 combinations"):
        fill_template("{a}{b}", slots, 4)
    assert fill_template("{a}", {"a": [1, "1", 2, 1]}) == ["1", "2"]
    many = {"a": ["x"] + ["x" * i for i in range(2, 500)]}
    twice = {**many, "b": many["a"]}  # 249,001 fillings, 997 sentences
    assert len(set(fill_template("{a}{b}", twice, 500, random_state=0))) == 500
    with pytest.raises(ValueError, match="many fillings read the same"):
        fill_template("{a}{b}", twice, 998, random_state=0)


def test_a_set_of_values_has_an_order():
    some = {f"w{i}" for i in range(50)}
    assert fill_template("{a}", {"a": some}) == sorted(some)
    assert fill_template("{a}", {"a": dict.fromkeys("ba").keys()}) == ["a", "b"]


@pytest.mark.parametrize("n", [None, 5])
def test_slots_and_spans_point_at_the_text(n):
    template = "{name} asked {{twice}}: {name}, {what}!"
    slots = {"name": ["Ann", "Bo", "Ida"], "what": ["tea", "a {cup}"]}
    frame = fill_template(template, slots, n, return_slots=True, random_state=0)
    assert list(frame.columns) == ["text", "name", "what", "spans"]
    assert len(frame) == (n or 6)
    assert frame["text"].tolist() == fill_template(template, slots, n, random_state=0)
    for row in frame.itertuples():
        assert row.text == f"{row.name} asked {{twice}}: {row.name}, {row.what}!"
        assert [slot for _, _, slot in row.spans] == ["name", "name", "what"]
        for start, end, slot in row.spans:
            assert row.text[start:end] == getattr(row, slot)


@pytest.mark.parametrize(
    ("template", "slots", "options", "error", "message"),
    [
        ("{a} {b}", {"a": [1], "c": [2]}, {}, ValueError, r"lacks \['b'\].*\['c'\]"),
        ("no slot", {}, {}, ValueError, "has no slot"),
        ("{} b", {"": [1]}, {}, ValueError, "plain name"),
        ("{0}", {"0": [1]}, {}, ValueError, "plain name"),
        ("{a:>3}", {"a": [1]}, {}, ValueError, "plain name"),
        ("{a.b}", {"a.b": [1]}, {}, ValueError, "plain name"),
        ("{a", {"a": [1]}, {}, ValueError, "cannot be read"),
        (3, {}, {}, TypeError, "template is a int"),
        ("{a}", ["x"], {}, TypeError, "slots is a list"),
        ("{a}", {"a": "Thai"}, {}, TypeError, "list of values, even for one"),
        ("{a}", {"a": 3}, {}, TypeError, "list of values, even for one"),
        ("{a}", {"a": []}, {}, ValueError, "'a' has no values"),
        ("{a}", {"a": [1, 2]}, {"n": 3}, ValueError, "have 2 combinations"),
        ("{a}", {"a": [1, 2]}, {"n": 0}, ValueError, "n is 0"),
        ("{a}", {"a": [1, 2]}, {"n": 1.5}, TypeError, "n is 1.5"),
        ("{text}", {"text": [1]}, {"return_slots": True}, ValueError, "rename it"),
    ],
)
def test_fill_template_says_what_does_not_fit(template, slots, options, error, message):
    with pytest.raises(error, match=message):
        fill_template(template, slots, **options)
