"""What the class report and the feedback pages say, made from results without grading."""

from __future__ import annotations

import re

import pytest

from rnncourse.grading import marks, report
from rnncourse.grading.report.understanding import by_question

RUBRIC = [["Names it", 2], ["Says why", 2]]


def answer(**changes) -> dict:
    return {
        "status": "right", "points": 2.0, "of": 2, "message": "Right.", "right": [True] * 6,
        "misconception": "", "also": "", "hints": [], "also_hints": [], "signature": "",
        "flags": [], "source": "", "code": "", "comment": "", **changes,
    }  # fmt: skip


def by_hand(status="manual") -> dict:
    return answer(status=status, points=0.0, of=4, message="Graded by hand.", right=[],
                  rubric=RUBRIC, text="Because.", picture="", kind="text")  # fmt: skip


def row(name: str, questions: dict, given: dict | None = None) -> report.Row:
    result = {"student": name, "questions": questions, "problem": "", "notes": [], "bank": "1",
              "submitted": 0.0, "attempt": 1, "file": "x", "seed": 1}  # fmt: skip
    marks.apply(result, given or {})
    of = sum(a["of"] for a in questions.values())
    return report.Row(name, name, name, result, sum(a["points"] for a in questions.values()), of)


@pytest.fixture
def job(tmp_path):
    class Job:
        out, settings, version = tmp_path, {"chapter": 90}, "1"

    return Job


def pages(job, rows) -> tuple[str, str]:
    report.write_feedback(job, rows, "Title")
    report.write_report(job, rows, "Title", False)
    texts = [(job.out / rows[0].page).read_text(), (job.out / "report.html").read_text()]
    return tuple(re.sub(r"<wbr>|\s+", " ", text).replace("_ ", "_") for text in texts)


def test_cases_that_are_all_wrong_are_one_line(job):
    none = answer(status="wrong", points=0.0, right=[False] * 6, message="Right on 0 of 6 cases.")
    page, _ = pages(job, [row("ann", {"scale": none})])
    assert "case 1" not in page
    assert page.count("0 of 6 cases") == 1
    some = answer(status="wrong", points=1.0, right=[True, False] * 3, message="Right on 3 of 6.")
    page, _ = pages(job, [row("ann", {"scale": some})])
    assert page.count("✗ wrong") == 3


def test_points_stand_at_each_line_of_a_rubric(job):
    given = {"explain/1": (1.5, ""), "explain/2": (0.0, "Why?")}
    page, _ = pages(job, [row("ann", {"explain": by_hand()}, given)])
    assert "<strong>1.5</strong> of 2" in page
    assert "<strong>0</strong> of 2" in page
    assert "<details open>" in page
    page, _ = pages(job, [row("ann", {"explain": by_hand()}, {"explain": (3.0, "")})])
    assert 'Says why (<span class="line">2</span>)' in page


def test_what_people_mark_is_counted_as_that(job):
    rows = [
        row(f"s{n}", {"explain": by_hand(), "scale": answer(points=float(n % 3))},
            {"explain": (float(n % 4), "")} if n else {})
        for n in range(14)
    ]  # fmt: skip
    question = by_question(rows)[0]
    assert (question["waiting"], question["discrimination"], question["mean"]) == (1, None, None)
    _, page = pages(job, rows)
    assert "13 marked, 1 wait" in page
    marks.apply(rows[0].result, {"explain": (2.0, "")})
    question = by_question(rows)[0]
    assert question["discrimination"] is not None
    assert "14 marked</td>" in pages(job, rows)[1]


def test_a_bar_is_as_long_as_the_share_it_stands_for(job):
    wrong = {"status": "wrong", "points": 0.0, "right": [False], "hints": ["h"]}
    rows = [
        row(f"s{n}", {"scale": answer(**wrong, misconception="two" if n < 2 else "")})
        for n in range(8)
    ]
    _, page = pages(job, rows)
    assert re.search(r'2 \(25 %\)</span><span class="bar" [^>]*><span style="width: 25.0%"', page)


def test_a_notice_that_all_share_stands_once(job):
    rows = [row(f"s{n}", {"scale": answer(flags=["ran out of time"])}) for n in range(6)]
    rows[0].result["look"] = ["not on the roster"]
    _, page = pages(job, rows)
    assert page.count("scale: ran out of time") == 1
    assert page.index("not on the roster") < page.index("scale: ran out of time")
