"""Near-identical code: what two students share beyond what the whole class writes."""

from __future__ import annotations

import re
import zlib
from collections import Counter, defaultdict
from itertools import combinations

WINDOW = 10  # words in a fragment
COMMON = 0.05  # a fragment that more than this share of the class has says nothing
MIN_RARE = 12  # rare fragments that two students must share
MIN_RATIO = 92.0  # and how alike their code must be, in per cent


def fragments(code: str) -> set[int]:
    words = code.split()
    return {
        zlib.crc32(" ".join(words[k : k + WINDOW]).encode())
        for k in range(max(0, len(words) - WINDOW + 1))
    }


def groups(codes: dict[str, str]) -> list[tuple[list[str], float]]:
    """Groups of students with near-identical code, and how alike they are in per cent.

    codes holds for each student the code without names, comments and layout. Only fragments
    that few students have count, so that a short exercise's usual solution makes no suspects.
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
    pairs = {}
    for (one, other), count in shared.items():
        if count >= MIN_RARE:
            ratio = fuzz.ratio(codes[one], codes[other], score_cutoff=MIN_RATIO)
            if ratio:
                pairs[one, other] = ratio
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
