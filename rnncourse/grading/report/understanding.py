"""What the class understood: question by question, misconception by misconception."""

from __future__ import annotations

import statistics
from collections import defaultdict

from rnncourse.grading.report import similar
from rnncourse.grading.report.rows import Row


def by_question(rows: list[Row]) -> list[dict]:
    """Difficulty (mean share of the points) and discrimination (correlation with the rest)."""
    names = list(dict.fromkeys(n for row in rows for n in row.result["questions"]))
    table = []
    for name in names:
        scores, rests = [], []
        counts: dict[str, int] = defaultdict(int)
        for row in rows:
            answer = row.result["questions"].get(name)
            if not answer or row.result["problem"]:
                continue
            counts[answer["status"]] += 1
            if answer.get("pending"):
                continue
            scores.append(answer["points"] / answer["of"] if answer["of"] else 0.0)
            rests.append(sum(a["points"] for a in row.result["questions"].values())
                         - answer["points"])  # fmt: skip
        table.append({
            "name": name,
            "of": next(r.result["questions"][name]["of"] for r in rows
                       if name in r.result["questions"]),
            "mean": statistics.fmean(scores) if scores and not counts["manual"] else None,
            "discrimination": None if counts["manual"] else correlation(scores, rests),
            "counts": dict(counts),
            "waiting": counts["manual"],
            "by_hand": bool(counts["manual"] + counts["marked"]),
        })  # fmt: skip
    return table


def correlation(one: list[float], other: list[float]) -> float | None:
    """Pearson's; None where one side does not vary or there are fewer than ten."""
    if len(one) < 10 or min(one) == max(one) or min(other) == max(other):
        return None
    return statistics.correlation(one, other)


def misconceptions(rows: list[Row]) -> list[dict]:
    """Each misconception with those who hold it, the most widely shared first."""
    held: dict[tuple[str, str], dict] = {}
    answered: dict[str, int] = defaultdict(int)
    for row in rows:
        for name, answer in row.result["questions"].items():
            answered[name] += answer["status"] in ("right", "wrong")
            both = ((answer["misconception"], "hints"), (answer["also"], "also_hints"))
            for title, hints in both:
                if title:
                    entry = held.setdefault((name, title), {
                        "question": name, "name": title, "rows": [], "hint": answer[hints][-1],
                    })  # fmt: skip
                    entry["rows"].append(row)
    for entry in held.values():
        entry["count"] = len(entry["rows"])
        entry["share"] = entry["count"] / max(1, answered[entry["question"]])
        entry["quiz"] = entry["name"].startswith("option ")
    return sorted(held.values(), key=lambda e: (-e["count"], e["question"], e["name"]))


def clusters(rows: list[Row]) -> list[dict]:
    """Wrong answers that no misconception explains, grouped by equal values."""
    found: dict[tuple[str, str], dict] = {}
    for row in rows:
        for name, answer in row.result["questions"].items():
            if answer["signature"] and not answer["misconception"]:
                entry = found.setdefault(
                    (name, answer["signature"]),
                    {"question": name, "signature": answer["signature"], "rows": [],
                     "message": answer["message"], "source": answer["source"]},
                )  # fmt: skip
                entry["rows"].append(row)
    groups = [entry for entry in found.values() if len(entry["rows"]) > 1]
    return sorted(groups, key=lambda e: (-len(e["rows"]), e["question"], e["signature"]))


def near_identical(rows: list[Row]) -> list[dict]:
    by_student = {row.student: row for row in rows}
    codes = {row.student: similar.code_of(row.result) for row in rows}
    answers = {
        row.student: {
            name: (answer.get("code", ""), answer.get("source", ""))
            for name, answer in row.result["questions"].items()
        }
        for row in rows
    }
    long = {s: code for s, code in codes.items() if len(code) > 200}
    found = similar.groups(long, similar.same_long_answers(answers))
    return [{"rows": [by_student[s] for s in members], "ratio": ratio} for members, ratio in found]


def histogram(rows: list[Row], bins: int = 10) -> list[dict]:
    counts = [0] * bins
    for row in rows:
        counts[min(bins - 1, int(row.percent / 100 * bins))] += 1
    top = max(counts) or 1
    return [
        {"from": 100 * k // bins, "to": 100 * (k + 1) // bins, "count": c, "height": c / top}
        for k, c in enumerate(counts)
    ]
