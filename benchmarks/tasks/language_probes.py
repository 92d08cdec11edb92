"""What the networks of `language` do with sentences that were written to find it out.

praise  the probability of praise, in %, that a classifier of film reviews gives to the beginning of
        a sentence: five classifiers of the task `language`, one a fold.
words   the mean of that over twenty words of praise or of blame, in "the film is …", "the film is
        not …" and, as a control, "the film is so …"; and the share of the words whose sentence
        "not" takes to the other side of 50 %. Once for the network, once for the bag of words.
clause  "the movie , which …, was amazing" against "… was awful", with a clause of 0 to 40 words
        between: how far apart the two probabilities are, in points. The words of the clause are
        drawn from a list of plain ones. As a control, the same words in front: "which …, the movie
        was amazing", where nothing stands between.
names   F1 in % of taggers of `language`, in both directions, on names they have never seen: in the
        patterns of the training sentences, and in twelve that are in no training sentence; and the
        share of tags right in the latter, beside that of a tagger that finds no name at all.

The lists of words and patterns were written before anything was measured, and not changed after.
"""

from functools import cache

import numpy as np

from rnncourse import experiments
from rnncourse.data.entities import TAGS, load_names
from rnncourse.metrics import entity_f1

FLOWS = (
    "the food was absolutely delicious",
    "the food was not delicious",
    "this movie was great",
    "this movie was not great",
    "this movie was terrible",
    "this movie was not terrible",
)
GOOD = """good great funny moving charming clever delightful brilliant beautiful touching
    wonderful enjoyable smart powerful fascinating hilarious entertaining fresh engaging sweet"""
BAD = """bad dull boring silly stupid tedious awful bland weak pointless
    predictable terrible messy lame shallow annoying lifeless unfunny clumsy dreadful"""
FORMS = {"plain": "the film is", "not": "the film is not", "so": "the film is so"}
PLAIN = """the a in on at of and with from to he she they we it one two three man woman house
    street town day night year room table door window car train friend brother sister week road"""
CLAUSES = (0, 5, 10, 20, 40)
PATTERNS = (
    "when PLACE burned , PERSON was still asleep .",
    "nobody in PLACE had ever heard of PERSON or of FIRM .",
    "PERSON , who grew up near PLACE , owns half of FIRM .",
    "after the war PLACE was rebuilt by FIRM .",
    "my aunt met PERSON at a wedding in PLACE .",
    "FIRM closed its office in PLACE .",
    "ask PERSON about it , not me .",
    "they drove through PLACE at midnight without a word .",
    "FIRM denied that PERSON had been dismissed .",
    "the river between PLACE and PLACE froze over .",
    "PERSON married PERSON .",
    "a strike at FIRM ended today .",
)


def language():
    return experiments.load_task("language")


def rate_of(name):
    """The rate that was chosen for a row of `language`."""
    rows = experiments.load(experiments.results("language"))["rows"]
    return next(row["rate"] for row in rows if row["name"] == name)


@cache
def critic(seed):
    return language().critic(rate_of("sentiment: GRU"), seed)


@cache
def bag(seed):
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    task = language()
    (texts, y), _ = task.review_parts(seed, task.TEST)
    vectors = TfidfVectorizer(analyzer=task.pairs_and_words, sublinear_tf=True)
    C = rate_of("sentiment: words and pairs, logistic regression")
    return make_pipeline(vectors, LogisticRegression(C=C, max_iter=2000)).fit(texts, y)


def praise(texts, seed, model="GRU"):
    """(N,) probabilities of praise, in %, of N texts, lists of words."""
    if model == "bag":
        return 100 * bag(seed).predict_proba(texts)[:, 1]
    return 100 * language().praise(*critic(seed), texts)


def of_beginning(_, seed, text):
    return round(float(praise([text.split()], seed)[0]), 2)


def of_words(seed, words, form, model):
    return praise([[*FORMS[form].split(), word] for word in words.split()], seed, model)


def mean_of_words(_, seed, words, form, model):
    return round(float(of_words(seed, words, form, model).mean()), 2)


def turned(_, seed, words, model):
    """Of the words on their own side of 50 %, the share that "not" takes to the other, in %."""
    plain, with_not = (of_words(seed, words, form, model) for form in ("plain", "not"))
    right = (plain > 50) == (words is GOOD)
    return round(100 * float(((plain > 50) != (with_not > 50))[right].mean()), 2)


def across_clause(_, seed, length, model, where):
    rng = np.random.default_rng([seed, length])
    gaps = []
    for _ in range(50):
        words = " ".join(rng.choice(PLAIN.split(), length))
        start = {
            "between": f"the movie , which {words} , was" if length else "the movie was",
            "in front": f"which {words} , the movie was",
        }[where]
        ends = [f"{start} {word}".split() for word in ("amazing", "awful")]
        good, bad = praise(ends, seed, model)
        gaps.append(good - bad)
    return round(float(np.mean(gaps)), 2)


@cache
def hand_made(seed, each=20):
    """Sentences of the twelve patterns with names of the test: words and tags."""
    rng, names = np.random.default_rng([seed, 12]), load_names("test", seed)
    found = []
    for pattern in PATTERNS * each:
        words, tags = [], []
        for token in pattern.split():
            name = str(rng.choice(names[token])).split() if token in names else [token]
            words += name
            inside = [f"I-{token}"] * (len(name) - 1)
            tags += [f"B-{token}", *inside] if token in names else ["O"]
        found.append((words, tags))
    return found


def tags_said(seed, words):
    task = language()
    net = task.name_finder(rate_of("names: GRU, both directions"), seed, True)
    return task.find_names(net, task.lexicon(seed), words)


def f1_of_patterns(_, seed, known):
    if known:
        found = language().sentences(seed, 2)
        words, tags = [one.words for one in found], [one.tags for one in found]
    else:
        words, tags = zip(*hand_made(seed), strict=True)
    return round(100 * entity_f1(tags_said(seed, words), tags), 2)


def tags_right(_, seed, by):
    words, truth = zip(*hand_made(seed), strict=True)
    said = tags_said(seed, words) if by == "GRU" else [[TAGS[0]] * len(one) for one in words]
    pairs = [(a, b) for one, other in zip(said, truth, strict=True)
             for a, b in zip(one, other, strict=True)]  # fmt: skip
    return round(100 * np.mean([a == b for a, b in pairs]), 2)


def bound(function, *given):
    return lambda rate, seed: function(rate, seed, *given)


RUNS = {}
for _text in FLOWS:
    _words = _text.split()
    for _n in range(1, len(_words) + 1):
        RUNS[f"praise: {' '.join(_words[:_n])}"] = bound(of_beginning, " ".join(_words[:_n]))
for _model in ("GRU", "bag"):
    for _name, _list in (("good", GOOD), ("bad", BAD)):
        for _form, _start in FORMS.items():
            _label = f"words, {_model}: {_start} <{_name}>"
            RUNS[_label] = bound(mean_of_words, _list, _form, _model)
        RUNS[f"words, {_model}: <{_name}> turned round by not"] = bound(turned, _list, _model)
    for _length in CLAUSES:
        RUNS[f"clause of {_length}, {_model}"] = bound(across_clause, _length, _model, "between")
for _length in CLAUSES[1:]:
    _label = f"clause of {_length} in front, GRU"
    RUNS[_label] = bound(across_clause, _length, "GRU", "in front")
RUNS["names: new names, known patterns"] = bound(f1_of_patterns, True)
RUNS["names: new names, new patterns"] = bound(f1_of_patterns, False)
RUNS["names: tags right in new patterns"] = bound(tags_right, "GRU")
RUNS["names: tags right, no name found"] = bound(tags_right, "nothing")
ROWS = dict.fromkeys(RUNS)


def run(name, rate, seed):
    return RUNS[name](rate, seed)
