"""Every notebook has the form that readers, learners and graders count on."""

import ast
import json
import re

import nbformat
import pytest
from test_plain import LINK, keys
from test_quizzes import objectives

from rnncourse import bank, chapters, notebooks, quizzes
from rnncourse.exercises import build
from rnncourse.numerals import numerals

ROOT = notebooks.root() / "notebooks"
CHAPTERS = sorted(ROOT.glob("[0-9][0-9]_*.ipynb"))
SOLUTIONS = sorted((ROOT / "solutions").glob("*.ipynb"))
STUDENT = sorted((ROOT / "exercises").glob("*.ipynb"))
STORED = CHAPTERS + SOLUTIONS
EVERY = STORED + STUDENT
QUESTIONS = bank.load()

CONTENTS = re.findall(  # chapters and, as exercises/…, their exercises
    r"file: notebooks/([\w/]+)", (ROOT.parent / "_toc.yml").read_text(encoding="utf-8")
)

NOT_COMPARED = {"nbval-ignore-output", "nbval-skip", "raises-exception"}
# Of each notebook: the cells whose output nbval does not compare, and those whose numbers it
# compares with a tolerance (near-5%). Not listed: none of either.
COMPARED_OTHERWISE = {
    "00_warm_up": (0, 1),  # trained
    "01_sequential_data": (0, 2),  # trained
    "02_hidden_state": (0, 6),  # four are trained, one is a tuned probe; scale 1.5 is chaotic
    "03_rnn_forward": (0, 2),  # trained
    "solutions/03_rnn_forward": (0, 1),  # trained
    "06_lstm": (0, 3),  # trained
    "solutions/06_lstm": (0, 1),  # trained
    "solutions/07_gru": (0, 1),  # trained
    "08_topologies": (0, 8),  # trained
    "solutions/08_topologies": (0, 1),  # trained
    "04_backpropagation_through_time": (1, 3),  # times of one large product and of many; trained
    "solutions/04_backpropagation_through_time": (0, 1),  # trained
    "05_vanishing_exploding_gradients": (0, 7),  # trained
    "09_deep_and_bidirectional": (0, 2),  # trained
    "10_language": (0, 7),  # trained
    "11_signals": (0, 11),  # trained
    "12_sequence_to_sequence": (0, 6),  # trained
    "solutions/12_sequence_to_sequence": (0, 2),  # trained
    "13_attention": (0, 3),  # trained
    "solutions/13_attention": (0, 1),  # trained
    "14_rnns_and_transformers": (0, 3),  # trained; rounded weights
    "solutions/09_deep_and_bidirectional": (0, 1),  # trained
    "solutions/10_language": (0, 1),  # trained
    "solutions/11_signals": (0, 1),  # trained
    "15_test_your_understanding": (0, 3),  # logistic regression
    "solutions/15_test_your_understanding": (0, 3),  # trained
}


def name_of(path):
    return path.relative_to(ROOT).with_suffix("").as_posix()


def over(paths):
    return pytest.mark.parametrize("path", paths, ids=name_of)


def code(path):
    return [cell for cell in notebooks.read(path).cells if cell.cell_type == "code"]


def prose(path):
    cells = notebooks.read(path).cells
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def outputs(path):
    return [(cell, output) for cell in code(path) for output in cell.outputs]


def test_there_are_notebooks():
    assert len(CHAPTERS) >= 4
    assert [path.name for path in SOLUTIONS] == [path.name for path in STUDENT]


def test_every_chapter_has_exercises_and_the_reverse():
    assert [path.name for path in SOLUTIONS] == [path.name for path in CHAPTERS]


def test_every_chapter_is_in_the_book_with_its_exercises():
    pages = [(path.stem, f"exercises/{path.stem}") for path in CHAPTERS]
    assert [page for chapter in pages for page in chapter] == CONTENTS


# --- code ------------------------------------------------------------------------------------


@over(EVERY)
def test_uses_the_package(path):
    source = "\n".join(cell.source for cell in code(path))
    names = set()
    for found in re.findall(r"^from rnncourse[\w.]* import (\([^)]*\)|.*)", source, re.MULTILINE):
        names |= set(re.findall(r"(\w+)(?:,|\)|$|\s*#)", re.sub(r"\w+ as ", "", found)))
    names |= set(re.findall(r"^import rnncourse\.?\w* as (\w+)", source, re.MULTILINE))
    assert names, "the notebook does not import rnncourse"
    rest = re.sub(r"^from rnncourse[\w.]* import (\([^)]*\)|.*)", "", source, flags=re.MULTILINE)
    unused = sorted(name for name in names if not re.search(rf"\b{name}\b", rest))
    assert len(unused) < len(names), "nothing of rnncourse is used"


@over(CHAPTERS + SOLUTIONS)
def test_every_import_from_the_package_is_used(path):
    source = "\n".join(cell.source for cell in code(path))
    statement = r"^from rnncourse[\w.]* import (\([^)]*\)|.*)"
    names = ",".join(found.strip("()") for found in re.findall(statement, source, re.MULTILINE))
    names = [name.split(" as ")[-1].strip() for name in names.split(",") if name.strip()]
    rest = re.sub(statement, "", source, flags=re.MULTILINE)
    assert [name for name in names if not re.search(rf"\b{re.escape(name)}\b", rest)] == []


@over(CHAPTERS)
def test_code_cells_are_short(path):
    for cell in code(path):
        lines = cell.source.splitlines()
        assert len(lines) <= 25, f"{len(lines)} lines: {lines[0]}"


@over(EVERY)
def test_code_lines_fit_the_page(path):
    wide = [line for cell in code(path) for line in cell.source.splitlines() if len(line) > WIDTH]
    assert wide == []


WIDTH = 88  # a phone scrolls from 72 on, which is what authors aim at


@over(EVERY)
def test_no_cell_is_empty(path):
    assert all(cell.source.strip() for cell in notebooks.read(path).cells)


@over(EVERY)
def test_code_is_for_any_machine(path):
    """No installation, no network, no shell, no paths of somebody's computer."""
    source = "\n".join(cell.source for cell in code(path))
    assert not re.search(r"^\s*[!%]", source, re.MULTILINE)
    assert not re.search(r"\b(requests|urllib|urlopen|wget|download=True)\b", source)
    assert not re.search(r"/home/|/Users/|/root/|C:\\\\", path.read_text(encoding="utf-8"))


def calls(tree):
    """The calls of a cell made for their effect, or None where it holds anything else."""
    found = []
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "_":
            node = ast.Expr(node.value)
        if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)):
            return None
        found.append(ast.unparse(node.value.func))
    return found


def plumbing(path):
    """Whether each code cell is plumbing, which the book folds, or teaches; by three rules.

    - A cell draws if its stored output has a picture or a figure that moves, or if its code uses
      `plt`, `fig`, `ax`, `axes`, anything imported from rnncourse.figures, or a function defined
      in an earlier cell that does.
    - A cell sets up if it imports, and all else in it are calls for their effect (use_style(),
      torch.set_num_threads(1), `_ = threadpool_limits(1)`), none of them print.
    - A cell only shows if it holds nothing but calls of rnncourse.quizzes.

    These cells are plumbing and carry the tag `hide-input`; no other cell does. So code that
    learners should read does not stand in a cell that draws.
    """
    drawing, showing, kinds = {"plt", "fig", "ax", "axes"}, set(), []
    for cell in code(path):
        tree = ast.parse(cell.source)
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
        for node in imports:
            bound = {alias.asname or alias.name for alias in node.names}
            module = getattr(node, "module", None) or ""
            drawing |= bound if module.startswith("rnncourse.figures") else bound & {"figures"}
            showing |= bound if module == "rnncourse.quizzes" else set()
        tree.body = [node for node in tree.body if node not in imports]
        for node in tree.body:
            inside = {name.id for name in ast.walk(node) if isinstance(name, ast.Name)}
            if isinstance(node, ast.FunctionDef) and inside & drawing:
                drawing.add(node.name)
        data = [output.get("data", {}) for output in cell.outputs]
        seen = any("image/png" in each or notebooks.OWN_FIGURE in each.get("text/html", "")
                   for each in data)  # fmt: skip
        called = calls(tree)
        sets_up = imports and called is not None and "print" not in called
        shows = bool(called) and set(called) <= showing
        kinds.append(bool(names & drawing or seen or sets_up or shows))
    return kinds


@over(STORED)
def test_plumbing_is_folded_and_what_teaches_is_not(path):
    wrong = []
    for number, (cell, hidden) in enumerate(zip(code(path), plumbing(path), strict=True)):
        if hidden != ("hide-input" in cell.metadata.get("tags", [])):
            verb = "lacks" if hidden else "has"
            wrong.append(f"Cell {number} {verb} hide-input: {cell.source.splitlines()[0]}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("source", "hidden"),
    [
        ("import numpy as np\nnp.set_printoptions(precision=2)\n_ = np.seterr()", True),
        ("import numpy as np\nprint(np.pi)", False),
        ("import numpy as np\nx = np.ones(3)", False),
        ("fig, top = plt.subplots()", True),
        ("def h(x):\n    return x\n\nax.plot(h(3))", True),
        ("def draw(ax):\n    ax.plot([1])", True),
        ("from rnncourse.figures import unrolled_network as net\nnet('the cat')", True),
        ("from rnncourse.quizzes import quiz\nquiz(3)", True),
        ("check('lstm_step', lstm_step)", False),
        ("def step(x, h):\n    return x + h", False),
        ("print(step(1, 2))", False),
    ],
)
def test_plumbing_is_recognised(source, hidden, tmp_path):
    notebooks.write(notebooks.normalise(made(source)), tmp_path / "one.ipynb")
    assert plumbing(tmp_path / "one.ipynb") == [hidden]


def test_a_call_of_a_function_that_draws_is_plumbing(tmp_path):
    cells = "def draw(x):\n    plt.plot(x)", "def both(x):\n    draw(x)", "both(3)", "print(3)"
    notebooks.write(notebooks.normalise(made(*cells)), tmp_path / "four.ipynb")
    assert plumbing(tmp_path / "four.ipynb") == [True, True, True, False]


# --- what is stored ---------------------------------------------------------------------------


@over(EVERY)
def test_is_valid(path):
    nbformat.validate(notebooks.read(path))


@over(EVERY)
def test_is_stored_as_the_command_stores_it(path):
    """Nothing that differs between two runs, or between two editors, is in the file."""
    text = path.read_text(encoding="utf-8")
    stored = nbformat.reads(text, as_version=4)
    again = notebooks.normalise(nbformat.reads(text, as_version=4))
    if path not in CHAPTERS:
        again = build.annotate(again)
    for cell in again.cells:
        if path in STUDENT and cell.cell_type == "code":
            cell.execution_count = None  # nobody has run it
    assert again == stored, "run: rnncourse notebook run"
    assert text == notebooks.to_text(stored)


@over(STORED)
def test_has_run_from_top_to_bottom(path):
    counts = [cell.execution_count for cell in code(path)]
    assert counts == list(range(1, len(counts) + 1))


@over(STORED)
def test_no_cell_has_failed(path):
    for cell, output in outputs(path):
        if output.output_type == "error":
            assert "raises-exception" in cell.metadata.get("tags", []), cell.source


@over(STORED)
def test_no_warnings_are_stored(path):
    text = [output.text for _, output in outputs(path) if output.get("name") == "stderr"]
    assert text == []


@over(STORED)
def test_no_progress_bars_and_no_random_ids(path):
    stored = notebooks.read(path)
    state = stored.metadata.get("widgets", {}).get(notebooks.WIDGET_STATE, {}).get("state", {})
    assert sorted(state) == [notebooks.model_id(n) for n in range(1, len(state) + 1)]
    for _, output in outputs(path):
        data = output.get("data", {})
        text = output.get("text", "") + data.get("text/plain", "")
        assert not notebooks.PROGRESS_BAR.search(text)
        assert not re.search(r"\bat 0x[0-9a-f]{6,}", text), "an address in memory"
        if notebooks.OWN_FIGURE in data.get("text/html", ""):
            assert notebooks.WIDGET_VIEW not in data
        if notebooks.WIDGET_VIEW in data:
            assert data[notebooks.WIDGET_VIEW]["model_id"] in state


@over(STORED)
def test_no_trained_in_seconds(path):
    """Wall-clock times differ from machine to machine: none in a compared output."""
    timed = re.compile(r"\b\d+([.,]\d+)? ?(s|ms|µs|sec|seconds)\b")
    for cell, output in outputs(path):
        if not NOT_COMPARED & set(cell.metadata.get("tags", [])):
            assert not timed.search(output.get("text", "")), output.text


def exempt(path):
    return [
        cell.source.splitlines()[0]
        for cell in code(path)
        if NOT_COMPARED & set(cell.metadata.get("tags", []))
        or re.search(r"#\s*(NBVAL_|PYTEST_VALIDATE_IGNORE)", cell.source)
    ]


def with_tolerance(path):
    """Of each cell with a tolerance, its percents."""
    tags = [cell.metadata.get("tags", []) for cell in code(path)]
    return [
        int(re.fullmatch(r"near-(\d+)%", tag)[1])
        for cell_tags in tags
        for tag in cell_tags
        if tag.startswith("near")
    ]


@over(STORED)
def test_cells_not_compared_exactly_are_known(path):
    found = len(exempt(path)), len(with_tolerance(path))
    assert found == COMPARED_OTHERWISE.get(name_of(path), (0, 0)), "count them, and say why"


@over(STORED)
def test_tolerances_are_small_and_have_numbers_to_compare(path):
    assert all(1 <= percent <= 10 for percent in with_tolerance(path))
    for cell in code(path):
        tags = cell.metadata.get("tags", [])
        if any(tag.startswith("near") for tag in tags):
            assert not NOT_COMPARED & set(tags), f"compared or not? {tags}"
            texts = [output.get("text", "") for output in cell.outputs]
            texts += [output.get("data", {}).get(kind, "") for output in cell.outputs
                      for kind in ("text/plain", "text/html")]  # fmt: skip
            assert any(map(numerals, texts)), f"no number to be near: {cell.source}"


def test_nearly_every_cell_is_compared():
    assert set(COMPARED_OTHERWISE) <= set(map(name_of, STORED))
    exempted = sum(count for count, _ in COMPARED_OTHERWISE.values())
    assert exempted < 0.05 * sum(len(code(path)) for path in STORED)


# --- pictures ---------------------------------------------------------------------------------


@over(STORED)
def test_every_picture_has_a_text(path):
    texts = []
    for cell, output in outputs(path):
        if any(kind.startswith("image/") for kind in output.get("data", {})):
            text = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
            assert len(text) >= 20, f"no alternative text: {cell.source[:200]}"
            assert not re.match(r"(?i)(image|picture|plot|figure) of", text)
            if cell.source not in texts:
                texts += [cell.source]
    alts = [
        cell.metadata["mystnb"]["image"]["alt"]
        for cell in code(path)
        if cell.metadata.get("mystnb", {}).get("image")
    ]
    assert len(alts) == len(set(alts)), "two pictures have the same text"


@over(CHAPTERS)
def test_interactive_figure_says_what_it_shows_without_a_kernel(path):
    for cell, output in outputs(path):
        html = output.get("data", {}).get("text/html", "")
        if notebooks.OWN_FIGURE in html:
            assert "data-figure=" in html, cell.source
            assert "data-state=" in html
            inside = re.sub(r"<[^>]*>", "", html.split(">", 1)[1]).strip()
            assert len(inside) >= 20, "no text for readers without JavaScript"


# --- what every chapter has -------------------------------------------------------------------


def number_of(path):
    return int(path.stem[:2])


LEVEL = "easy|medium|demanding|graded by hand"


@over(SOLUTIONS)
def test_exercises_have_one_form(path):
    """A title, the minutes; and over each exercise its name, points, level, and perhaps more."""
    facts = next(c for c in chapters.chapters(ROOT.parent) if c.stem == path.stem)
    title, _, opening = notebooks.read(path).cells[0].source.partition("\n\n")
    assert title == f"# {facts.number} · {facts.title}: exercises"
    assert opening.startswith(f"About {facts.do} minutes. ")
    *heads, last = re.findall(r"^## (.*)", prose(path), re.MULTILINE)
    assert last == "Quiz"
    for head in heads:
        found = re.fullmatch(rf"`(\w+)` · (\d) points? · ({LEVEL})( · [a-z].*)?", head)
        assert found, head
        question = QUESTIONS[found[1]]
        assert int(found[2]) == question.points, head
        assert (found[3] == "graded by hand") == (not question.reference), head


@over(CHAPTERS)
def test_title_names_the_chapter(path):
    first = notebooks.read(path).cells[0].source.splitlines()[0]
    assert first.startswith(f"# {number_of(path)} · ")


@over(CHAPTERS)
def test_something_is_on_the_screen_before_the_first_formula(path):
    for cell in notebooks.read(path).cells:
        if cell.cell_type == "code" and cell.outputs:
            break
        assert "$$" not in cell.source, "a formula comes before anything to look at"


@over(CHAPTERS)
def test_sections_of_a_chapter(path):
    heads = re.findall(r"^#+ (.*)", prose(path), re.MULTILINE)
    text = "\n".join(heads).lower()
    for wanted in ("what you will be able to do", "bug hunt", "summary", "exercises",
                   "further reading"):  # fmt: skip
        assert wanted in text, f"no section {wanted!r}"
    places = [text.index(head) for head in ("summary", "exercises", "further reading")]
    assert places == sorted(places)


@over(CHAPTERS)
def test_box_and_citations(path):
    text = prose(path)
    assert re.search(r"^> \*\*What the sources say", text, re.MULTILINE)
    cited = {address for _, _, address in LINK.findall(text.rpartition("Further reading")[2])}
    assert cited & set(keys())


@over(CHAPTERS)
def test_calls_of_a_chapter(path):
    number, source = number_of(path), "\n".join(cell.source for cell in code(path))
    assert f"quiz({number})" in source
    if number:
        assert f"warm_up({number})" in source


@over(CHAPTERS)
def test_every_prediction_is_asked_before_its_output(path):
    cells, number = code(path), number_of(path)
    asked, drawn, held = [], 0, 0
    for cell, after in zip(cells, [*cells[1:], None], strict=True):
        slugs = re.findall(rf'^predict\({number}, "(\w+)"\)', cell.source, re.MULTILINE)
        draws = cell.source.count("draw_curve(")
        asked += slugs
        drawn += draws
        if slugs and after and "draw_curve(" in after.source:
            held += 1  # choose, then draw: one output waits for both
        elif slugs or draws:
            assert after is not None
            assert "predicted" in after.metadata.get("tags", []), f"after {cell.source[:60]}"
            assert after.outputs, f"nothing to predict after {cell.source[:60]}"
    assert sorted(asked) == sorted(quizzes.load(number)["predictions"])
    tagged = sum("predicted" in cell.metadata.get("tags", []) for cell in cells)
    assert tagged == len(asked) + drawn - held


@over([path for path in CHAPTERS if number_of(path) >= 2])
def test_chapter_has_a_figure_that_moves(path):
    html = [output.get("data", {}).get("text/html", "") for _, output in outputs(path)]
    views = [notebooks.WIDGET_VIEW in output.get("data", {}) for _, output in outputs(path)]
    assert any(re.search('data-figure="(?!quiz")', text) for text in html) or any(views)


@over(CHAPTERS)
def test_links_to_its_exercises(path):
    assert f"(exercises/{path.name})" in prose(path)


@over(CHAPTERS)
def test_minutes_and_prerequisites(path):
    text = prose(path).split("\n## ")
    head = next(part for part in text if part.startswith("What you will be able to do"))
    assert re.search(r"\d+\s+minutes", head)
    assert re.search(r"before you start", head, re.IGNORECASE)


@over(CHAPTERS)
def test_objectives_have_exercises_of_this_chapter(path):
    own = {question.name for question in bank.chapters()[number_of(path)]}
    for number, row in objectives(path).items():
        assert row["exercises"], f"objective {number} has no exercise"
        assert set(row["exercises"]) <= own


@over(EVERY)
def test_links_between_notebooks_lead_somewhere(path):
    for target in re.findall(r"\]\(([\w./-]+\.ipynb)(?:#[\w-]+)?\)", prose(path)):
        assert (path.parent / target).resolve().exists(), target


# --- exercises --------------------------------------------------------------------------------


def questions_in(path):
    """The questions that a solution notebook answers, checks, and leaves to a human."""
    cells = notebooks.read(path).cells
    answered = [name for cell in cells for name in build.answers(cell)]
    checked = [name for cell in cells for name in build.checks(cell)]
    by_hand = [build.manual(cell) for cell in cells if build.manual(cell)]
    return answered, checked, by_hand


@over(SOLUTIONS)
def test_every_question_is_answered_and_checked_once(path):
    answered, checked, by_hand = questions_in(path)
    assert checked == answered
    assert len(set(answered)) == len(answered)
    wanted = [question.name for question in bank.chapters()[number_of(path)]]
    assert sorted(answered + by_hand) == sorted(wanted)


@over(SOLUTIONS)
def test_three_exercises_or_more_and_one_by_hand(path):
    answered, _, by_hand = questions_in(path)
    assert sum(not name.startswith("quiz_") for name in answered) + len(by_hand) >= 3
    assert by_hand


@over(SOLUTIONS)
def test_every_check_says_right(path):
    for cell in code(path):
        for name in build.checks(cell):
            text = "".join(output.get("text", "") for output in cell.outputs)
            assert text.startswith(f"{name}: right")


@over(SOLUTIONS)
def test_points_in_the_text_are_those_of_the_bank(path):
    """A heading that tells points stands before the question's cell."""
    told = None
    for cell in notebooks.read(path).cells:
        if cell.cell_type == "markdown" and not build.manual(cell):
            found = re.search(r"^#.*?(\d+) points?\b", cell.source, re.MULTILINE)
            told = found and int(found[1])
            continue
        names = [name for name in build.answers(cell) if not name.startswith("quiz_")]
        names += [build.manual(cell)] if build.manual(cell) else []
        if names and told is not None:
            assert told == sum(QUESTIONS[name].points for name in names), names
            told = None


@over(SOLUTIONS + STUDENT)
def test_nbgrader_accepts_the_metadata(path):
    from nbgrader.nbgraderformat import MetadataValidator

    stored = notebooks.read(path)
    MetadataValidator().validate_nb(stored)
    grading = [cell.metadata.nbgrader for cell in stored.cells if "nbgrader" in cell.metadata]
    ids = [meta.grade_id for meta in grading]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-zA-Z0-9_-]+", grade_id) for grade_id in ids)
    total = sum(meta.points for meta in grading if meta.grade)
    assert total == sum(question.points for question in bank.chapters()[number_of(path)])


@over(STUDENT)
def test_student_edition_can_be_read_by_python(path):
    for cell in code(path):
        compile(cell.source, path.name, "exec")


# --- the runner -------------------------------------------------------------------------------


def made(*sources):
    from nbformat.v4 import new_code_cell, new_notebook

    return new_notebook(cells=[new_code_cell(source) for source in sources])


def with_output(data, **metadata):
    from nbformat.v4 import new_output

    notebook = made("x")
    notebook.cells[0].outputs = [new_output("display_data", data)]
    notebook.metadata.update(metadata)
    return notebook


def test_ids_follow_from_content():
    one = notebooks.cell_ids(made("a", "b", "a"))
    two = notebooks.cell_ids(made("a", "c", "b", "a"))
    assert len(set(one)) == 3
    assert one == [two[0], two[2], two[3]]


def test_noise_is_stripped():
    from nbformat.v4 import new_output

    notebook = made("print(1)")
    cell = notebook.cells[0]
    cell.metadata.update(execution={"iopub.status.busy": "2026"}, collapsed=False, tags=["keep"])
    cell.outputs = [
        new_output("stream", name="stdout", text="a\n"),
        new_output("stream", name="stderr", text=" 50%|#####     | 1/2 [00:00<00:00]\r"),
        new_output("stream", name="stdout", text="b\n"),
        new_output("display_data", {"text/plain": "IntProgress(value=0)",
                                    notebooks.WIDGET_VIEW: {"model_id": "abc"}}),
    ]  # fmt: skip
    notebook.metadata.update(language_info={"name": "python", "version": "3.11.7"}, jupytext={})
    clean = notebooks.normalise(notebook)
    assert dict(clean.cells[0].metadata) == {"tags": ["keep"]}
    assert [output.text for output in clean.cells[0].outputs] == ["a\nb\n"]
    assert set(clean.metadata) == {"kernelspec", "language_info"}
    assert "version" not in clean.metadata.language_info


def model(name="IntSliderModel", **state):
    return {"model_name": name, "model_module": "m", "model_module_version": "1", "state": state}


def test_own_figures_keep_no_model():
    view = {notebooks.WIDGET_VIEW: {"model_id": "a1"}}
    html = {"text/html": f'<div {notebooks.OWN_FIGURE}">text</div>', "text/plain": "Figure"}
    state = {notebooks.WIDGET_STATE: {"state": {"a1": model("AnyModel")}}}
    clean = notebooks.normalise(with_output({**view, **html}, widgets=state))
    assert dict(clean.cells[0].outputs[0].data) == html
    assert "widgets" not in clean.metadata


def test_widgets_are_renumbered_with_their_links_and_without_strangers():
    models = {
        "aa": model("LayoutModel"),
        "bb": model(layout="IPY_MODEL_aa"),
        "cc": model("LinkModel", source=["IPY_MODEL_bb", "value"], target=["IPY_MODEL_aa", "x"]),
        "dd": model("FloatProgressModel"),
        "ee": model("LinkModel", source=["IPY_MODEL_bb", "v"], target=["IPY_MODEL_dd", "v"]),
    }
    notebook = with_output(
        {notebooks.WIDGET_VIEW: {"model_id": "bb"}, "text/plain": "IntSlider()"},
        widgets={notebooks.WIDGET_STATE: {"state": models}},
    )
    clean = notebooks.normalise(notebook)
    state = clean.metadata.widgets[notebooks.WIDGET_STATE].state
    one, two, three = map(notebooks.model_id, (1, 2, 3))
    assert list(state) == [one, two, three]
    assert clean.cells[0].outputs[0].data[notebooks.WIDGET_VIEW].model_id == one
    assert state[one].state.layout == f"IPY_MODEL_{two}"
    assert state[three].state.source == [f"IPY_MODEL_{one}", "value"]
    assert "dd" not in json.dumps(state)


def test_normalising_twice_changes_nothing():
    once = notebooks.to_text(notebooks.normalise(made("a", "a", "b")))
    assert notebooks.to_text(notebooks.normalise(nbformat.reads(once, as_version=4))) == once
