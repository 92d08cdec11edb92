"""Near-identical code: what two students share beyond what the whole class writes, and long
answers that are the same, in however many notebooks."""

from __future__ import annotations

import re
import zlib
from collections import Counter, defaultdict
from itertools import combinations

WINDOW = 10  # words in a fragment
COMMON = 0.05  # a fragment that more than this share of the class has says nothing
MIN_RARE = 12  # rare fragments that two students must share
MIN_RATIO = 92.0  # and how alike their code must be, in per cent
LONG = 60  # words of an answer that few write twice
VERY_LONG = 120  # and of one that says enough by itself, whatever its variables are called


def fragments(code: str) -> set[int]:
    words = code.split()
    return {
        zlib.crc32(" ".join(words[k : k + WINDOW]).encode())
        for k in range(max(0, len(words) - WINDOW + 1))
    }


def same_long_answers(
    answers: dict[str, dict[str, tuple[str, str]]],
) -> dict[tuple[str, str], float]:
    """Pairs that connect the students who have the same long answers, 100 per cent alike.

    answers holds for each student and question the code without names, comments and layout, and
    the source. One long answer counts if its names are the same too, or if it is very long; where
    two long ones are the same, names are free. How many have it does not matter.
    """
    holders: dict[tuple, list[str]] = defaultdict(list)
    for student, mine in answers.items():
        long = {n: code for n, (code, _) in mine.items() if len(code.split()) >= LONG}
        for name, code in long.items():
            holders[name, "source", squeezed(mine[name][1])].append(student)
            if len(code.split()) >= VERY_LONG:
                holders[name, "code", code].append(student)
        for one, other in combinations(sorted(long), 2):
            holders[one, long[one], other, long[other]].append(student)
    return {(students[0], other): 100.0 for students in holders.values() for other in students[1:]}


def squeezed(source: str) -> str:
    """The source without comments and layout."""
    return " ".join(word for line in source.splitlines() for word in line.split("#")[0].split())


def groups(
    codes: dict[str, str], pairs: dict[tuple[str, str], float] | None = None
) -> list[tuple[list[str], float]]:
    """Groups of students with near-identical code, and how alike they are in per cent.

    codes holds for each student the code without names, comments and layout. Only fragments
    that few students have count, so that a short exercise's usual solution makes no suspects.
    pairs are known already.
    """
    from rapidfuzz import fuzz

    holders = defaultdict(list)
    for student, code in codes.items():
        for fragment in fragments(code):
            holders[fragment].append(student)
    limit = max(4, int(COMMON * len(codes)))
    shared: Counter = Counter()
    for students in holders.values():
        if 2 <= len(students) <= limit:
            shared.update(combinations(sorted(students), 2))
    pairs = dict(pairs or {})
    for (one, other), count in shared.items():
        if count >= MIN_RARE:
            ratio = fuzz.ratio(codes[one], codes[other], score_cutoff=MIN_RATIO)
            if ratio:
                pairs.setdefault((one, other), ratio)
    return _connected(pairs)


def _connected(pairs: dict[tuple[str, str], float]) -> list[tuple[list[str], float]]:
    group: dict[str, set[str]] = {}
    for one, other in pairs:
        merged = group.get(one, {one}) | group.get(other, {other})
        for student in merged:
            group[student] = merged
    unique = {id(members): sorted(members) for members in group.values()}
    found = []
    for members in unique.values():
        inside = [r for (a, b), r in pairs.items() if a in members and b in members]
        found.append((members, min(inside)))
    return sorted(found, key=lambda item: (-item[1], item[0]))


def code_of(result: dict) -> str:
    """All of a student's answers as one text of normalised words."""
    return " ".join(
        re.sub(r"\s+", " ", answer.get("code", "")) for answer in result["questions"].values()
    )
