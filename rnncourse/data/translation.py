"""Made up: English sentences and their French, from a small grammar with agreement."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np

from rnncourse.data.splits import split


class Noun(NamedTuple):
    """english and french: (singular, plural); silent: begins with a vowel or a silent h."""

    english: tuple[str, str]
    french: tuple[str, str]
    feminine: bool
    silent: bool


# word, plural; mot, pluriel; f or m; a star where an article before it is elided
_LIVING = """
cat cats chat chats m        dog dogs chien chiens m          bird birds oiseau oiseaux m*
horse horses cheval chevaux m  cow cows vache vaches f        mouse mice souris souris f
man men homme hommes m*      woman women femme femmes f       boy boys garçon garçons m
girl girls fille filles f    queen queens reine reines f      king kings roi rois m
actress actresses actrice actrices f*  doctor doctors médecin médecins m
"""
_THINGS = """
apple apples pomme pommes f  tree trees arbre arbres m*       house houses maison maisons f
letter letters lettre lettres f  book books livre livres m    orange oranges orange oranges f*
key keys clé clés f          hat hats chapeau chapeaux m      egg eggs œuf œufs m*
car cars voiture voitures f  picture pictures image images f*  boat boats bateau bateaux m
flower flowers fleur fleurs f  table tables table tables f    hotel hotels hôtel hôtels m*
church churches église églises f*
"""
# mot: masculine, feminine, their plurals, and the masculine before a vowel where it differs
_BEFORE = """
big grand grande grands grandes            small petit petite petits petites
beautiful beau belle beaux belles bel      old vieux vieille vieux vieilles vieil
new nouveau nouvelle nouveaux nouvelles nouvel  good bon bonne bons bonnes
young jeune jeune jeunes jeunes            pretty joli jolie jolis jolies
"""
_AFTER = """
red rouge rouge rouges rouges              green vert verte verts vertes
black noir noire noirs noires              white blanc blanche blancs blanches
slow lent lente lents lentes               fast rapide rapide rapides rapides
strange étrange étrange étranges étranges  dirty sale sale sales sales
Italian italien italienne italiens italiennes  grey gris grise gris grises
"""
# to see: sees, seeing; voit, voient; imparfait; futur
_TAKING = """
see sees seeing voit voient voyait voyaient verra verront
eat eats eating mange mangent mangeait mangeaient mangera mangeront
draw draws drawing dessine dessinent dessinait dessinaient dessinera dessineront
find finds finding trouve trouvent trouvait trouvaient trouvera trouveront
love loves loving aime aiment aimait aimaient aimera aimeront
sell sells selling vend vendent vendait vendaient vendra vendront
buy buys buying achète achètent achetait achetaient achètera achèteront
hide hides hiding cache cachent cachait cachaient cachera cacheront
"""
_ALONE = """
sleep sleeps sleeping dort dorment dormait dormaient dormira dormiront
sing sings singing chante chantent chantait chantaient chantera chanteront
run runs running court courent courait couraient courra courront
arrive arrives arriving arrive arrivent arrivait arrivaient arrivera arriveront
wait waits waiting attend attendent attendait attendaient attendra attendront
fall falls falling tombe tombent tombait tombaient tombera tomberont
"""
_PLACES = {"behind": "derrière", "in front of": "devant", "with": "avec", "near": "près de"}
_VOWEL = re.compile("[aeiouéèêâîôœAEIOU]")


def _rows(text: str, width: int) -> list[tuple[str, ...]]:
    words = text.split()
    return [tuple(words[n : n + width]) for n in range(0, len(words), width)]


def _nouns(text: str) -> list[Noun]:
    return [
        Noun((row[0], row[1]), (row[2], row[3]), row[4][0] == "f", row[4].endswith("*"))
        for row in _rows(text, 5)
    ]


def _adjectives(text: str) -> dict[str, tuple[str, ...]]:
    entries = re.split(r"\s{2,}|\n", text.strip())
    return {entry.split()[0]: tuple(entry.split()[1:]) for entry in entries}


LIVING, THINGS = _nouns(_LIVING), _nouns(_THINGS)
BEFORE, AFTER = _adjectives(_BEFORE), _adjectives(_AFTER)
TAKING, ALONE = _rows(_TAKING, 9), _rows(_ALONE, 9)


class Pair(NamedTuple):
    """One sentence in both languages, and the (adjective, noun) combinations in it."""

    english: str
    french: str
    combinations: tuple[tuple[str, str], ...]


def combinations() -> list[tuple[str, str]]:
    """All (adjective, noun) combinations, in English words."""
    return [
        (adjective, noun.english[0])
        for adjective in [*BEFORE, *AFTER]
        for noun in [*LIVING, *THINGS]
    ]


def held_out_combinations(seed: int = 0, share: float = 0.2) -> list[set[tuple[str, str]]]:
    """Two sets of combinations, for validation and for test, `share` of all in both together."""
    every = combinations()
    parts = split(every, (1 - share, share / 2, share / 2), seed)
    return [{every[n] for n in rows} for rows in parts[1:]]


def sentence_pairs(
    count: int, seed: int, held_out: set[tuple[str, str]], *, only: bool = False
) -> list[Pair]:
    """`count` different sentences, drawn from a grammar; made up, and only as rich as it is.

    A subject does something (to something, somewhere), or is something: in three tenses, affirmed
    or denied, nouns in singular or plural with up to two adjectives. The French has articles that
    are elided (l'arbre) or contracted (près du chat), adjectives before the noun or after it,
    agreement in gender and number, forms before a vowel (un bel arbre, mon image), "de" for "des"
    before an adjective and for "un" and "des" in what is denied.

    held_out: combinations of adjective and noun that no sentence has; with only=True every
    sentence has one or more of them.
    """
    rng, found = np.random.default_rng([seed, int(only)]), {}
    while len(found) < count:
        pair = _sentence(rng)
        held = any(combination in held_out for combination in pair.combinations)
        if held == only:
            found.setdefault(pair.english, pair)
    return list(found.values())


def words(text: str) -> list[str]:
    """The words of a sentence; what is elided is a word of its own: "l'arbre" → "l'", "arbre"."""
    return re.findall(r"\w+'|\w+", text)


def joined(tokens: list[str]) -> str:
    """The sentence of these words: the reverse of `words`."""
    return " ".join(tokens).replace("' ", "'")


def forms(word: str) -> set[tuple[str, str, str]]:
    """What a French word can be: (its masculine singular, "m" or "f", "1" or "2" for plural).

    Articles, possessives, adjectives and nouns have entries, other words have none.
    """
    return _FORMS.get(word.lower(), set())


# --- the grammar ---------------------------------------------------------------------------


def _sentence(rng) -> Pair:
    plural, tense, denied = rng.random() < 0.4, int(rng.integers(3)), rng.random() < 0.3
    kind = rng.choice(["take", "alone", "sit", "be"], p=[0.45, 0.2, 0.1, 0.25])
    noun = _pick(rng, LIVING if kind != "be" or rng.random() < 0.5 else THINGS)
    subject = _phrase(rng, noun, plural)
    used = list(subject.combinations)
    number = int(plural)
    if kind == "take":
        verb = _pick(rng, TAKING)
        thing = _phrase(rng, _pick(rng, THINGS + LIVING), rng.random() < 0.4, denied=denied)
        used += thing.combinations
        end = thing.english, thing.french
    elif kind == "alone":
        verb, end = _pick(rng, ALONE), ("", "")
    else:
        verb = None
        end = ("sitting", _agree(("assis", "assise", "assis", "assises"), noun, number))
        if kind == "be":
            adjective = _pick(rng, [*BEFORE, *AFTER])
            end = adjective, _agree({**BEFORE, **AFTER}[adjective], noun, number)
            used.append((adjective, noun.english[0]))
    english, french = _verb(verb, tense, number, denied)
    parts = [subject.english, english, end[0]], [subject.french, french, end[1]]
    if kind in ("alone", "sit") and rng.random() < 0.5:
        place = _pick(rng, list(_PLACES))
        where = _phrase(rng, _pick(rng, THINGS + LIVING), rng.random() < 0.3)
        used += where.combinations
        parts[0].append(f"{place} {where.english}")
        parts[1].append(_contracted(f"{_PLACES[place]} {where.french}"))
    sentence = [" ".join(filter(None, part)) for part in parts]
    return Pair(sentence[0], _elided(sentence[1]), tuple(used))


def _phrase(rng, noun: Noun, plural: bool, *, denied: bool = False) -> Pair:
    """An article, adjectives and a noun."""
    number = int(plural)
    before = _pick(rng, list(BEFORE)) if rng.random() < 0.35 else None
    after = _pick(rng, list(AFTER)) if rng.random() < 0.35 else None
    article = _pick(rng, [("the", "the"), ("a", "some"), ("my", "my"), ("this", "these"),
                          ("our", "our")])[number]  # fmt: skip
    adjectives = [one for one in (before, after) if one]
    english = [*adjectives, noun.english[number]]
    french = [noun.french[number]]
    if after:
        french.append(_agree(AFTER[after], noun, number))
    vowel = noun.silent
    if before:
        french.insert(0, _agree(BEFORE[before], noun, number, vowel=vowel))
        vowel = False  # none of them begins with one
    french.insert(0, _article(article, noun, number, vowel, bool(before), denied))
    if article == "a" and _VOWEL.match(english[0]):
        article = "an"
    if article == "some" and denied:
        article = "any"
    pairs = tuple((adjective, noun.english[0]) for adjective in adjectives)
    return Pair(" ".join([article, *english]), " ".join(french), pairs)


def _article(article, noun, number, vowel, before, denied) -> str:
    feminine = noun.feminine
    if article in ("a", "some"):
        if denied or (article == "some" and before):
            return "de"
        return "des" if number else "une" if feminine else "un"
    if number:
        return {"the": "les", "my": "mes", "these": "ces", "our": "nos"}[article]
    if article == "the":
        return "la" if feminine else "le"
    if article == "my":
        return "ma" if feminine and not vowel else "mon"
    if article == "this":
        return "cette" if feminine else "cet" if vowel else "ce"
    return "notre"


def _agree(adjective, noun, number, *, vowel: bool = False) -> str:
    if vowel and not noun.feminine and not number and len(adjective) > 4:
        return adjective[4]
    return adjective[2 * number + noun.feminine]


def _verb(verb, tense, number, denied) -> tuple[str, str]:
    """(English, French) of a verb, or of "to be" where there is none."""
    if verb is None:
        english = [["is", "are"], ["was", "were"], ["will be"] * 2][tense][number]
        french = [["est", "sont"], ["était", "étaient"], ["sera", "seront"]][tense][number]
        if denied:
            english = english.replace("will", "will not") if tense == 2 else f"{english} not"
    else:
        base, third, going = verb[:3]
        french = verb[3 + 2 * tense + number]
        no = " not" * denied
        if tense == 0:
            english = base if number else third
            english = f"{['does', 'do'][number]} not {base}" if denied else english
        else:
            english = f"{['was', 'were'][number]}{no} {going}" if tense == 1 else f"will{no} {base}"
    return english, f"ne {french} pas" if denied else french


def _contracted(text: str) -> str:
    """près de le → près du, près de les → près des, près de des → près de."""
    text = re.sub(r"\bde des?\b", "de", text)
    text = re.sub(r"\bde le (?=(\w+))", lambda m: m[0] if _silent(m[1]) else "du ", text)
    return re.sub(r"\bde les\b", "des", text)


def _silent(word: str) -> bool:
    """Is an article elided before it? It begins with a vowel or a silent h."""
    return word in _SILENT or bool(_VOWEL.match(word))


def _elided(text: str) -> str:
    """le arbre → l'arbre, ne aime → n'aime, de un → d'un."""
    return re.sub(r"\b(le|la|ne|de) (?=(\w+))", _cut, text)


def _cut(found) -> str:
    return found[1][0] + "'" if _silent(found[2]) else found[0]


def _pick(rng, items):
    return items[int(rng.integers(len(items)))]


_SILENT = {one for noun in LIVING + THINGS if noun.silent for one in noun.french}


def _all_forms() -> dict[str, set[tuple[str, str, str]]]:
    found: dict[str, set[tuple[str, str, str]]] = {}

    def add(word, lemma, gender, number):
        found.setdefault(word, set()).add((lemma, gender, number))

    for adjective in [*BEFORE.values(), *AFTER.values(), ("assis", "assise", "assis", "assises")]:
        for place, word in enumerate(adjective):
            add(word, adjective[0], "mfmfm"[place], "11221"[place])
    for noun in LIVING + THINGS:
        for number, word in enumerate(noun.french):
            add(word, noun.french[0], "f" if noun.feminine else "m", "12"[number])
    for lemma, rows in {"le": "le la les les", "un": "un une des des", "mon": "mon ma mes mes",
                        "ce": "ce cette ces ces cet", "notre": "notre notre nos nos",
                        "du": "du la des des"}.items():  # fmt: skip
        for place, word in enumerate(rows.split()):
            add(word, lemma, "mfmfm"[place], "11221"[place])
    add("mon", "mon", "f", "1")  # before a vowel
    return found


_FORMS = _all_forms()
