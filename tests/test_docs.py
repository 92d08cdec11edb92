"""House rules of everything that is written: pages, notebooks, references, lists of packages.

Each message says which file and line to look at.
"""

from __future__ import annotations

import importlib.util
import json
import re
import tomllib
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from pybtex.database import parse_file

import rnncourse
from rnncourse import chapters as facts

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = (
    "book", "notebooks", "rnncourse", "tests", "benchmarks", "templates", ".ci", ".github",
)  # fmt: skip
TEXT = {
    "", ".bib", ".cfg", ".cff", ".css", ".csv", ".html", ".ipynb", ".js", ".json", ".md", ".py",
    ".svg", ".toml", ".txt", ".yml",
}  # fmt: skip
NOT_OURS = {".git", "__pycache__", ".ipynb_checkpoints", "node_modules", "_build"}


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def files() -> list[Path]:
    """Every text file of the course, without what is installed or built."""
    found = [path for path in ROOT.iterdir() if path.is_file()]
    for folder in FOLDERS:
        found += [path for path in (ROOT / folder).rglob("*") if path.is_file()]
    return sorted(p for p in found if p.suffix in TEXT and not NOT_OURS & set(p.parts))


@cache
def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def prose() -> dict[str, str]:
    """The text that people read: pages, and the text cells of the notebooks."""
    texts = {name(p): read(p) for p in files() if p.suffix == ".md" or p.name == "claims.yml"}
    for path in files():
        if path.suffix == ".ipynb" and path.parts[-2] != "templates":
            cells = json.loads(read(path))["cells"]
            text = ["".join(c["source"]) for c in cells if c["cell_type"] == "markdown"]
            texts[name(path)] = "\n\n".join(text)
    return texts


def without_code(text: str) -> str:
    text = re.sub(r"^(`{3,})(?!\{).*?^\1", "", text, flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"`[^`\n]*`", "", text)


def report(problems: list[str], what: str) -> None:
    assert not problems, f"{what}:\n  " + "\n  ".join(problems)


# ---- every file -----------------------------------------------------------------------------

# joined here, so that this file does not name them either
REGISTRIES = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmjs", "com"),
        ("debian", "org"), ("download", "pytorch", "org"), ("anaconda", "org"),
        ("proxy", "golang", "org"),
    )
]  # fmt: skip
A_MACHINE = re.compile(r"(?<![\w.])(/home/\w|/Users/\w|/root/|/opt/\w|/work/\w|[A-Z]:\\\\?Users)")


def test_no_file_names_the_host_of_a_package_registry():
    problems = [
        f"{name(path)}:{number}: registry host name {host}"
        for path in files()
        for host in REGISTRIES
        if host in read(path)
        for number, line in enumerate(read(path).splitlines(), 1)
        if host in line
    ]
    report(problems, "pip and npm know where their registries are; say the package's name")


def test_no_file_holds_a_path_of_somebodys_machine():
    problems = [
        f"{name(path)}:{number}: {match.group()}"
        for path in files()
        if "tests" not in path.parts
        for number, line in enumerate(read(path).splitlines(), 1)
        if (match := A_MACHINE.search(line))
    ]
    report(problems, "absolute paths mean nothing to a reader")


def test_the_lock_file_of_the_offline_parts_names_no_host():
    lock = json.loads(read(ROOT / "package-lock.json"))
    resolved = [key for key, part in lock["packages"].items() if "resolved" in part]
    report(resolved, "write the lock file with omit-lockfile-registry-resolved=true")
    unhashed = [key for key, part in lock["packages"].items() if key and "integrity" not in part]
    report(unhashed, "parts without a hash")


# ---- how it reads ---------------------------------------------------------------------------

HYPE = """amazing(?!ly) insights|blazing|cutting[- ]edge|delv(e|ing)|game[- ]chang|groundbreaking|
revolutioni[sz]|seamless|supercharge|state[- ]of[- ]the[- ]art|unleash|unlock the|world[- ]class"""
AMERICAN = """behavior|favorite|neighbor|labeled|labeling|modeled|analyze|generalize|initialize|
normalize|optimize(?!r)|recognize|summarize|visualize|center|color|gray"""
NOT_WORDS = re.compile(r"\{[^}]*\}|\]\([^)]*\)|<[^>]*>|^:\S+:.*$", re.MULTILINE)


@pytest.mark.parametrize(("words", "advice"), [(HYPE, "no hype"), (AMERICAN, "British spelling")])
def test_words_we_do_not_use(words, advice):
    pattern = re.compile(rf"\b({words.replace(chr(10), '')})\w*", re.IGNORECASE)
    problems = []
    for where, text in prose().items():
        words = NOT_WORDS.sub("", without_code(text))
        problems += [f"{where}: {match.group()!r}" for match in pattern.finditer(words)]
    report(problems, f"{advice}, please")


# ---- links and citations --------------------------------------------------------------------

LINK = re.compile(r"\]\(<?([^)\s>]+)>?[^)]*\)")


def anchors(text: str) -> set[str]:
    """The addresses of a page's headings, as the site makes them, and its explicit targets."""
    slugs = set(re.findall(r"^\(([\w-]+)\)=", text, flags=re.MULTILINE))
    for heading in re.findall(r"^#{1,6} +(.+)$", text, flags=re.MULTILINE):
        plain = re.sub(r"[`*$]", "", heading).strip().lower()
        slugs.add(re.sub(r"[^\w\- ]", "", plain).replace(" ", "-"))
    return slugs


def test_every_internal_link_leads_somewhere():
    problems = []
    for where, text in prose().items():
        for link in LINK.findall(without_code(text)):
            if re.match(r"[a-z]+:", link):
                continue
            path, _, anchor = link.partition("#")
            target = (ROOT / where).parent / path if path else ROOT / where
            target = target.resolve()
            if not target.exists():
                problems.append(f"{where}: {link}: there is no {path}")
            elif anchor and anchor not in anchors(prose().get(name(target), "")):
                problems.append(f"{where}: {link}: {path or 'the page'} has no heading #{anchor}")
    report(problems, "broken links")


def bibliography():
    return parse_file(str(ROOT / "book" / "references.bib")).entries


def test_every_citation_is_in_the_references():
    known = set(bibliography())
    problems = [
        f"{where}: {key.strip()}"
        for where, text in prose().items()
        for keys in re.findall(r"\{cite(?::\w+)?\}`([^`]+)`", text)
        for key in keys.split(",")
        if key.strip() not in known
    ]
    report(problems, "cited, but not in book/references.bib")


def test_every_reference_says_who_what_when_and_where():
    venues = {"journal", "booktitle", "publisher", "school", "institution", "howpublished"}
    problems = []
    for key, entry in bibliography().items():
        fields = entry.fields
        if not re.fullmatch(r"[a-z]+(1[89]|20)\d\d[a-z0-9]+", key):
            problems.append(f"{key}: keys are firstauthorYEARword")
        elif fields.get("year", "") not in key or not fields.get("year"):
            problems.append(f"{key}: the year is missing, or not that of the key")
        if not venues & set(fields):
            problems.append(f"{key}: no venue ({', '.join(sorted(venues))})")
        if not entry.persons.get("author") or "title" not in fields:
            problems.append(f"{key}: no author or no title")
        if not re.fullmatch(r"(10\.\d{4,}/\S+)?", fields.get("doi", "")):
            problems.append(f"{key}: a DOI looks like 10.1162/neco.1997.9.8.1735")
    report(problems, "book/references.bib")


# ---- the order of the course ----------------------------------------------------------------


def table_of_contents() -> list[str]:
    toc = yaml.safe_load(read(ROOT / "_toc.yml"))
    return [toc["root"]] + [c["file"] for part in toc["parts"] for c in part["chapters"]]


def chapters() -> list[str]:
    return [Path(page).name for page in table_of_contents() if page.startswith("notebooks/")]


def test_the_table_of_contents_holds_every_page_and_no_other():
    pages = [*(ROOT / "book").glob("*.md"), *(ROOT / "notebooks").glob("*.ipynb")]
    there, listed = {name(page.with_suffix("")) for page in pages}, set(table_of_contents())
    report(sorted(there - listed), "not in _toc.yml")
    report(sorted(listed - there), "in _toc.yml, but there is no such page")


def test_the_table_of_contents_is_made_from_the_facts():
    assert read(ROOT / "_toc.yml") == facts.toc(ROOT), "run: rnncourse book toc"


FACTS = facts.chapters(ROOT)
READY = [chapter for chapter in FACTS if chapter.ready]


def test_every_chapter_stands_in_the_facts_once_and_in_order():
    numbers = [chapter.number for chapter in FACTS]
    assert numbers == sorted(set(numbers))
    assert set(range(16)) <= set(numbers)
    assert {chapter.status for chapter in FACTS} <= {"ready", "planned"}


def before(chapter: facts.Chapter) -> set[int]:
    """The numbers of the chapters that this one builds on, directly or by way of another."""
    needed = [other for other in FACTS if other.number in chapter.needs]
    return set(chapter.needs).union(*map(before, needed))


@pytest.mark.parametrize("chapter", FACTS, ids=lambda chapter: chapter.slug)
def test_a_chapter_needs_earlier_ones(chapter):
    earlier = {other.number for other in FACTS if other.number < chapter.number}
    assert set(chapter.needs) <= earlier
    assert chapter.needs or not earlier


@pytest.mark.parametrize("chapter", READY, ids=lambda chapter: chapter.stem)
def test_the_head_of_a_chapter_says_what_the_facts_say(chapter):
    text = prose()[f"notebooks/{chapter.stem}.ipynb"]
    assert text.splitlines()[0] == f"# {chapter.number} · {chapter.title}"
    head = re.search(r"before you start:(.*?)Time:(.*?)\n\n", text, flags=re.DOTALL | re.IGNORECASE)
    assert head, "*Before you start:* chapters. *Time:* minutes, the exercises minutes."
    said = {int(a or b) for a, b in re.findall(r"\((\d\d)_\w+\.ipynb|chapter (\d+)\b", head[1])}
    assert set(chapter.needs) <= said, f"{facts.FACTS}: it needs {chapter.needs}; the head: {said}"
    assert said <= before(chapter), f"{facts.FACTS}: it needs {chapter.needs}; the head: {said}"
    minutes = list(map(int, re.findall(r"\d+", re.sub(r"\]\([^)]*\)", "", head[2]))))
    told = list(pairwise(minutes))
    assert (chapter.read, chapter.do) in told, f"{facts.FACTS}: read, do; the head: {minutes}"


def site_chapters():
    path = ROOT / "book/_site/rnncourse_chapters.py"
    spec = importlib.util.spec_from_file_location("site_chapters", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("page", "make", "entry"),
    [
        ("syllabus", "table", r"^\| (\d+) \| "),
        ("welcome", "cards", r"^::::\{grid-item-card\} (\d+) · "),
    ],
)
def test_every_chapter_is_shown_and_those_that_are_here_are_linked(page, make, entry):
    assert f"```{{chapter-{make}}}\n```\n" in read(ROOT / f"book/{page}.md")
    made = getattr(site_chapters(), make)(FACTS)
    numbers = re.findall(entry, made, flags=re.MULTILINE)
    assert numbers == [str(chapter.number) for chapter in FACTS]
    assert re.findall(r"/notebooks/(\w+)", made) == [chapter.stem for chapter in READY]
    coming = re.findall(r"\*coming\*|^coming$", made, flags=re.MULTILINE)
    assert len(coming) == len(FACTS) - len(READY)


def test_sums_count_the_chapters_that_are_here():
    sums = site_chapters().sums(ROOT)
    assert sums["chapters_ready"] == str(len(list((ROOT / "notebooks").glob("*.ipynb"))))
    read, do = sum(c.read for c in READY), sum(c.do for c in READY)
    assert [sums["hours_read"], sums["hours_do"]] == [facts.hours(read), facts.hours(do)]


def test_hours_are_given_in_halves():
    given = {m: facts.hours(m) for m in (0, 10, 30, 60, 80, 390, 450, 840)}
    assert list(given.values()) == ["0", "0", "½", "1", "1½", "6½", "7½", "14"]


# ---- packages and versions ------------------------------------------------------------------


@pytest.mark.parametrize("path", ["requirements.txt", "tests/requirements.txt"])
def test_every_requirement_is_pinned(path):
    problems = []
    for line in read(ROOT / path).splitlines():
        package = line.split("#")[0].strip()
        if package and not re.fullmatch(r"[\w.-]+(\[[\w,]+\])?==[\w.]+|-e \.(\[\w+\])?", package):
            problems.append(f"{path}: {package}: not pinned")
    report(problems, "write name==version")


def test_the_grading_extra_is_pinned():
    project = tomllib.loads(read(ROOT / "pyproject.toml"))["project"]
    extra = project["optional-dependencies"]["grading"]
    report([line for line in extra if "==" not in line], "not pinned in pyproject.toml")


def test_one_version_everywhere():
    project = tomllib.loads(read(ROOT / "pyproject.toml"))["project"]
    citation = yaml.safe_load(read(ROOT / "CITATION.cff"))
    assert project["version"] == citation["version"] == rnncourse.__version__


def test_the_readme_and_ci_run_the_same_commands():
    readme, ci = read(ROOT / "README.md"), read(ROOT / ".ci" / "run")
    for command in (
        "python -m pip install -r requirements.txt && jupyter-book build .",
        "python -m pip install -r requirements.txt -r tests/requirements.txt && pytest",
    ):
        assert f"\n{command}\n" in readme, f"README.md no longer says {command!r}"
    for line in (
        "python -m pip install --quiet -r requirements.txt -r tests/requirements.txt",
        "jupyter-book build . -W --keep-going",
        "pytest",
    ):
        assert f"\n{line}\n" in ci, f".ci/run no longer runs {line!r}"


@pytest.mark.parametrize("path", sorted((ROOT / ".github/workflows").glob("*.yml")), ids=name)
def test_workflows_are_valid_and_run_on_supported_pythons(path):
    jobs = yaml.safe_load(read(path))["jobs"]
    for job in jobs.values():
        assert job["runs-on"]
        assert all("uses" in step or "run" in step for step in job["steps"])
        for version in job.get("strategy", {}).get("matrix", {}).get("python", []):
            assert tuple(map(int, version.split("."))) >= (3, 11)
