"""Tables as people save them: the roster, the marks, comments and extensions."""

from __future__ import annotations

import re

import pytest

from rnncourse.grading import deadlines, marks, roster, tables, texts
from rnncourse.grading.tables import TableError

ROWS = 'student;comment\nZoë Ünal;"two, lines\nof ""text"""\n'


@pytest.mark.parametrize(
    "data",
    [
        ROWS.encode(),
        ROWS.encode("utf-8-sig"),
        ROWS.encode("utf-16"),
        ROWS.encode("cp1252"),
        ROWS.replace("\n", "\r\n").encode(),
        ("sep=;\r\n" + ROWS).encode(),
        ("\n" + ROWS.replace(";", "\t")).encode(),
        ROWS.replace(";", ",").encode(),
    ],
    ids=["plain", "mark", "utf-16", "windows", "crlf", "sep", "tab", "comma"],
)
def test_tables_of_all_countries_are_read(tmp_path, data):
    path = tmp_path / "table.csv"
    path.write_bytes(data)
    (row,) = tables.read(path)
    assert row["student"] == "Zoë Ünal"
    assert row["comment"].splitlines() == ["two, lines", 'of "text"']


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"PK\3\4 a spreadsheet", "Save the table as CSV"),
        (b"a,b\n\0\0", "Save the table as CSV"),
        (b'a,b\n"' + b"x" * 200_000 + b'",1\n', "row 2: field larger"),
    ],
)
def test_what_is_no_table_is_said_in_a_sentence(tmp_path, data, said):
    path = tmp_path / "table.csv"
    path.write_bytes(data)
    with pytest.raises(TableError, match=said):
        tables.read(path)


def test_one_identifier_for_two_people_is_refused(tmp_path):
    path = tmp_path / "class.csv"
    path.write_text("student,name,id\ns-ann,Ann Lee,1\ns-ann,s-dee,Dee Fox,4\n")
    with pytest.raises(tables.TableError, match="s-ann twice, as Ann Lee and as s-dee"):
        roster.read_roster(path)
    path.write_text("student,name,section\ns-ann,Ann Lee,1\ns-ann,,2\ns-ann,ann lee,2\n")
    assert {person.student for person in roster.read_roster(path)} == {"s-ann"}


def test_a_roster_without_students_is_refused(tmp_path):
    path = tmp_path / "class.csv"
    path.write_text("Matrikel;Vorname\n12;Zoë\n")
    with pytest.raises(TableError, match="its columns: matrikel, vorname"):
        roster.read_roster(path)
    path.write_text("Student,ID\n    Points Possible,\nAnn,1\n")
    assert [person.student for person in roster.read_roster(path)] == ["Ann"]
    with pytest.raises(TableError, match="cannot be read: No such file"):
        roster.read_roster(tmp_path / "gone.csv")


# --- marks --------------------------------------------------------------------------------------
KNOWN = ["Ann-Marie", "Annmarie", "Zoë Ünal", "=sum(1)"]
OTHERS = [("calm owl 0001", "Zoë Ünal"), ("Lee", "Annmarie"), ("Lee", "Zoë Ünal"), ("x", "gone")]
ITEMS = {"words": 4.0, "words/1": 2.0, "words/2": 2.0}


def read_marks(tmp_path, *rows: str):
    path = tmp_path / "marks.csv"
    path.write_text("\n".join(["student,item,points,comment", *rows]))
    return marks.read_marks(path, {}, roster.Names(KNOWN, OTHERS), ITEMS)


def test_marks_go_to_the_student_that_is_meant(tmp_path):
    read = read_marks(
        tmp_path, "Annmarie,words,1,", "Ann-Marie,words,2,", "zoe unal,words/1,1,",
        "Calm Owl 0001,words/2,2,", "'=sum(1),adjust,-3,", ",,,", "nobody,words,,",
    )  # fmt: skip
    assert read.of("Annmarie") == {"words": (1.0, "")}
    assert read.of("Ann-Marie") == {"words": (2.0, "")}
    assert read.of("Zoë Ünal") == {"words/1": (1.0, ""), "words/2": (2.0, "")}
    assert read.of("=sum(1)") == {"adjust": (-3.0, "")}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("ANNMARIE,words,1,", "'Ann-Marie' or 'Annmarie'. Write it exactly"),
        ("lee,words,1,", "'Annmarie' or 'Zoë Ünal'"),
        ("x,words,1,", "nobody here is called 'x'"),
        ("Zoe Unalt,words,1,", "nobody here is called 'Zoe Unalt'"),
        (",words,1,", "nobody here is called ''"),
        ("Annmarie,word,1,", "there is no item 'word'. Is it words?"),
        ("Annmarie,,1,", "there is no item ''"),
        ("Annmarie,words/3,1,", "there is no item 'words/3'"),
        ("Annmarie,words,40,", "words has 4 points, so it cannot have 40"),
        ("Annmarie,words,-1,", "cannot have -1"),
        ("Annmarie,words,nan,", "'nan' is not a number of points"),
        ("Annmarie,words,2,\nAnnmarie,words,3,", "row 3: Annmarie has words in row 2 already"),
    ],
)
def test_a_mark_that_would_be_lost_is_refused(tmp_path, row, said):
    (refused,) = read_marks(tmp_path, row).refused
    assert re.search(said, refused)


def test_half_a_rubric_waits_for_the_rest():
    rubric = [["Names it", 2], ["Says why", 2]]
    answer = {"points": 0.0, "of": 4, "status": "manual", "rubric": rubric}
    result = {"questions": {"words": answer}}
    marks.apply(result, {"words/1": (1.5, "")})
    assert (answer["points"], answer["pending"], answer["marked_lines"]) == (1.5, True, ["words/1"])
    answer["status"] = "manual"
    marks.apply(result, {"words/1": (1.5, ""), "words/2": (0.0, "Why?")})
    assert (answer["points"], answer["pending"], answer["comment"]) == (1.5, False, "2: Why?")


def test_an_extension_that_would_be_lost_is_refused(tmp_path):
    path = tmp_path / "ext.csv"
    nobody = roster.Roster([])
    path.write_text("email,due\nzoe unal,2030-01-01T12:00\n")
    deadline = deadlines.read_deadline("2026-01-01", 0.1, path, nobody, set(KNOWN))
    assert deadline.late("Zoë Ünal", texts.parse_time("2030-01-01T11:00")) == (0, 0.0)
    wrong = {"Nobody,2030-01-01": "row 2: nobody", "=sum(1),soon": "'soon' is no date"}
    for row, said in wrong.items():
        path.write_text(f"student,due\n{row}\n")
        (refused,) = deadlines.read_deadline("", 0.1, path, nobody, set(KNOWN)).refused
        assert said in refused
    with pytest.raises(tables.TableError, match="--due: '1 May' is no date"):
        deadlines.read_deadline("1 May", 0.1, None, nobody, set(KNOWN))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("=1+1", "'=1+1"), ("a;=1+1", "a;'=1+1"), ("a\t@x", "a\t'@x"), ("a, -b", "a, -b"),
        ('a;"=1', 'a;"\'=1'), ("x\n+1", "x\n'+1"), ("\uff1d1", "'\uff1d1"), (" =1", "' =1"),
        ("-2.5", "-2.5"), ("O-Briain, Ó", "O-Briain, Ó"), ("a=b", "a=b"), (-3, -3), ("", ""),
    ],
)  # fmt: skip
def test_no_cell_is_a_formula(text, shown):
    assert tables.cell(text) == shown
