"""Each moving figure, alone on a page, computes what the cells do and does what its note says."""

import json
import re
from itertools import pairwise

import numpy as np
import pytest
from browsing import PHONE, printed, violations

from rnncourse import assets, experiments, figures
from rnncourse.assets import shapes
from rnncourse.cells import GRUCell, LSTMCell, RNNCell, gradient_lengths, softmax, unroll
from rnncourse.data.translation import forms
from rnncourse.figures.activations import FUNCTIONS
from rnncourse.figures.base import number, source
from rnncourse.figures.chorale_player import note
from rnncourse.figures.matching_game import HARDER, SHAPES, TASKS
from rnncourse.figures.writer import FOLLOWS, correlations, drawn_from, feature


@pytest.mark.parametrize("words", ["the cat sat", "sat cat the", "the dog sat the cat"])
def test_unrolled_network_computes_what_the_cell_computes(stage, words):
    page = stage(figures.unrolled_network())
    page.get_by_label("words").fill(words)
    states = figures.unrolled_network(words).states()
    slider = page.get_by_label("step", exact=True)
    for t, state in enumerate(states):
        slider.fill(str(t))
        assert printed(state) in page.locator(".rnn-readout").inner_text()
        boxes = page.locator(f'[data-step="{t}"] .rnn-unit text').all_text_contents()
        assert boxes == [number(value) for value in state]
    seen = "dog" not in words
    assert (page.get_by_text("unseen", exact=True).count() == 0) == seen


def test_unrolled_network_by_keyboard_and_by_itself(stage):
    page = stage(figures.unrolled_network(step=0))
    forward = page.get_by_role("button", name="step forward")
    forward.focus()
    page.keyboard.press("Enter")
    assert "After “the”" in page.locator(".rnn-readout").inner_text()
    page.get_by_role("button", name="Play").click()
    page.get_by_text("After “the cat sat”").wait_for(timeout=6000)
    page.locator('[data-step="2"] .rnn-unit').nth(2).click()
    assert page.get_by_text("Unit 3: tanh(").is_visible()


@pytest.mark.parametrize("activation", ["tanh", "relu", "logistic", "linear"])
def test_forward_calculator_computes_what_the_cell_computes(stage, activation):
    page = stage(figures.forward_calculator())
    page.get_by_label("activation").select_option(activation)
    page.get_by_label("input").select_option("push and pull")
    page.get_by_role("button", name="W h h, row 2, column 1").click()
    page.locator("input[type=range]").nth(1).fill("-0.7")
    params = {"W_hh": [[0.8, 0.0], [-0.7, 0.3]]}
    passed = figures.forward_calculator(activation, "push and pull", params).forward()
    for t in range(6):
        page.get_by_label("step", exact=True).fill(str(t + 1))
        a, h, y = (printed(passed[key][t]) for key in "ahy")
        expected = f"t = {t + 1}: a = {a}, h = {h}, y = {y}"
        assert page.locator(".rnn-readout").inner_text() == expected


def test_forward_calculator_weight_can_be_dragged(stage):
    page = stage(figures.forward_calculator())
    weight = page.get_by_role("button", name="W x h, row 1, column 1")
    weight.scroll_into_view_if_needed()
    box = weight.bounding_box()
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    page.mouse.down()
    page.mouse.move(box["x"] + 55, box["y"] + 5)
    page.mouse.up()
    assert weight.inner_text() == "1.90"
    page.get_by_role("button", name="Reset").click()
    assert weight.inner_text() == "0.90"


@pytest.mark.parametrize("z", ["-1.5", "3.5"])
@pytest.mark.parametrize("function", ["tanh", "relu", "logistic", "linear"])
def test_activations_print_value_and_slope(stage, function, z):
    page = stage(figures.activations())
    page.get_by_label("function", exact=True).select_option(function)
    page.get_by_label("z", exact=True).fill(z)
    value, slope = (f(float(z)) for f in FUNCTIONS[function])
    text = page.locator(".rnn-readout").inner_text()
    assert text.endswith(f"= {number(value, 3)}, slope {number(slope, 3)}")
    tangent = page.locator(".rnn-tangent")
    x1, x2, y1, y2 = (float(tangent.get_attribute(end)) for end in ("x1", "x2", "y1", "y2"))
    drawn = (y1 - y2) / (x2 - x1)  # up is down in a picture
    tall = 3.4 if function in ("tanh", "logistic") else 10.8  # from end to end of the axis
    assert drawn == pytest.approx(slope * (220 / tall) / (420 / 10.4), abs=1e-9)
    box, frame = (page.locator(f".rnn-figure svg{part}").bounding_box() for part in (" circle", ""))
    assert frame["y"] < box["y"] < frame["y"] + frame["height"] - box["height"]


def test_forward_calculator_keeps_its_axis_and_marks_what_lies_beyond(stage):
    page = stage(figures.forward_calculator("linear"))
    axis = page.locator(".rnn-figure svg text.rnn-muted")
    before = axis.all_text_contents()
    assert page.locator(".rnn-beyond").count() == 0
    page.locator("input[type=range]").nth(1).fill("3")
    assert axis.all_text_contents() == before
    passed = figures.forward_calculator("linear", params={"W_hh": [[3, 0], [0.5, 0.3]]}).forward()
    beyond = sum(int((abs(passed[key]) > 2).sum()) for key in ("a", "h"))
    assert page.locator(".rnn-beyond").count() == beyond > 0


@pytest.mark.parametrize(("scale", "leaves"), [("1", 0), ("3", 1), ("0.3", 1)])
def test_gradient_walk_ends_its_line_where_it_leaves_the_axis(stage, scale, leaves):
    page = stage(figures.gradient_walk(1.0, 20, "linear"), reduced_motion="reduce")
    page.get_by_label("scale of Whh").fill(scale)
    page.get_by_role("button", name="Walk").click()
    assert page.locator(".rnn-beyond").count() == leaves
    lengths = np.array(figures.gradient_walk(float(scale), 20, "linear").norms()[::-1])
    inside = (lengths >= 1e-8) & (lengths <= 1e4)
    drawn = page.locator("polyline").get_attribute("points").split()
    assert len(drawn) == (20 if inside.all() else np.argmin(inside))


@pytest.mark.parametrize(("sentence", "order"), [
    ("up up down up", [3, 2, 0, 1]), ("the food was not bad but good", [0, 1, 2, 3, 6, 5, 4]),
])  # fmt: skip
def test_word_order_draws_the_table_that_python_writes(stage, sentence, order):
    figure = figures.word_order(sentence)
    figure.order = order
    page = stage(figure)
    now, rows = figure.now(), sorted(set(sentence.split()))
    labels = page.locator(".rnn-figure svg text:not(.rnn-muted)").all_text_contents()
    expected = [text for word in rows for text in (word, str(now.count(word)))]
    assert labels == ["bag", "sequence", *expected]
    marked = "node => node.getAttribute('fill') === 'var(--rnn-input)'"
    cells = page.locator(".rnn-figure svg rect[rx='3']").all()
    assert [cell.evaluate(marked) for cell in cells] == [here == w for w in rows for here in now]


@pytest.mark.parametrize("words", ["dog bites man", "cat feeds mouse", "man sees cat"])
def test_news_computes_what_the_cell_computes(stage, words):
    figure = figures.news(words, step=0)
    page = stage(figure)
    for t in range(4):
        says = []
        for place, said in enumerate((words.split(), words.split()[::-1])):
            states, news = figure.read(said)
            lane = page.locator(".rnn-lane").nth(place)
            for s in range(1, t + 1):
                boxes = lane.locator(f'[data-step="{s}"] .rnn-unit text').all_text_contents()
                assert boxes == [number(value) for value in states[s]]
            assert number(news[t]) in lane.locator(".rnn-gauge text").all_text_contents()
            turn = lane.locator('[data-key$="needle"]').get_attribute("style")
            angle = float(re.search(r"rotate\((.*?)deg\)", turn)[1])
            assert angle == pytest.approx((2 * news[t] - 1) * 75, abs=0.051)
            says.append(f"“{' '.join(said[:t])}”: {number(news[t])}")
        if t:
            assert page.locator(".rnn-readout").inner_text() == f"News? {', '.join(says)}."
        page.keyboard.press("Tab") if t == 0 else None
        page.keyboard.press("ArrowRight")


def test_two_orders_are_read_one_above_the_other(stage):
    known = ["dog", "bites", "man"]
    figure = figures.unrolled_network("dog bites man", known, other="man dog bites", step=3)
    page = stage(figure)
    pair = [figure.states(), figure.states(figure.other)]
    for place, states in enumerate(pair):
        for t, state in enumerate(states):
            boxes = page.locator(f'[data-lane="{place}"] [data-step="{t}"] .rnn-unit')
            assert boxes.locator("text").all_text_contents() == [number(v) for v in state]
            differ = abs(pair[0][t] - pair[1][t]) >= 0.005
            lit = [box.get_attribute("data-lit") is not None for box in boxes.all()]
            assert lit == differ.tolist()
    page.get_by_label("against").fill("dog bites man")
    assert page.locator("[data-lit]").count() == 0
    assert "0 of 4 numbers differ" in page.locator(".rnn-readout").inner_text()


def test_the_equation_keeps_in_one_piece_on_a_phone(stage):
    known = ["to", "be", "or", "not"]
    page = stage(figures.unrolled_network("to be or not to be", known), viewport=PHONE)
    groups = [group.bounding_box() for group in page.locator(".rnn-equation .rnn-group").all()]
    middles = sorted({round(box["y"] + box["height"] / 2) for box in groups})
    assert len(middles) == 2  # two lines, none of which scrolls
    fits = "node => node.scrollWidth <= node.clientWidth + 1"
    assert all(group.evaluate(fits) for group in page.locator(".rnn-equation .rnn-group").all())


def test_more_to_the_right_is_announced_until_it_is_seen(stage):
    known = ["to", "be", "or", "not"]
    page = stage(figures.unrolled_network("to be or not to be", known), viewport=PHONE)
    cue = page.get_by_text("more to the right")
    assert cue.is_visible()
    page.get_by_label("step", exact=True).fill("6")
    cue.wait_for(state="hidden")
    page.get_by_label("words").fill("to be")
    assert page.locator(".rnn-scroll.rnn-whole").count() == 1


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_motion_is_eased_unless_the_reader_wants_none(stage, motion):
    page = stage(figures.news(), reduced_motion=motion)
    page.get_by_role("button", name="Swap dog and man").click()
    moving = page.evaluate("document.getAnimations().length")
    assert (moving > 0) == (motion == "no-preference")


@pytest.mark.parametrize("figure", [
    figures.news(step=1), figures.unrolled_network(step=1), figures.gradient_walk(),
    figures.folded_loop(step=2), figures.topologies("seq2seq", 4, 6), figures.both_ways(step=2),
], ids=lambda figure: figure.name)  # fmt: skip
def test_arrow_keys_step_through_time(stage, figure):
    page = stage(figure)
    before = page.locator(".rnn-readout").inner_text()
    page.locator(".rnn-figure button:enabled").first.focus()
    page.keyboard.press("ArrowLeft")
    assert page.locator(".rnn-readout").inner_text() != before
    page.keyboard.press("ArrowRight")
    assert page.locator(".rnn-readout").inner_text() == before


@pytest.fixture(scope="module")
def script(browser):
    """script(figure, expression) is what the figure's script computes from its state S."""
    page = browser.new_page()

    def compute(figure, expression):
        functions = source(figure.name).replace("export default { render };", "")
        given = f"const S = {json.dumps(figure.state())}; const model = {{ get: (key) => S[key] }};"
        return page.evaluate(f"() => {{ {functions}\n{given} return {expression}; }}")

    yield compute
    page.close()


@pytest.mark.parametrize(
    ("scale", "steps", "size"), [(1, 50, 1), (1.5, 200, 3), (0.4, 30, 0), (3, 90, 9)]
)
def test_gradient_flow_computes_what_the_cells_compute(script, scale, steps, size):
    figure = figures.gradient_flow(scale=scale, steps=steps, size=size)
    for key in figure.weights:
        expected = figure.norms(key)  # walks through rnncourse.cells
        assert len(expected) == steps + 1
        found = np.array(script(figure, f"norms('{key}', S)"), dtype=float)
        np.testing.assert_allclose(found, expected, 1e-9, 1e-300)


@pytest.mark.parametrize(("nonlinearity", "name"), [
    ("tanh", "tanh"), ("relu", "relu"), ("logistic", "sigmoid"), ("linear", "identity"),
])  # fmt: skip
def test_gradient_walk_computes_what_the_cell_computes(script, nonlinearity, name):
    figure = figures.gradient_walk(1.3, 12, nonlinearity)
    cell = RNNCell(1, 4, nonlinearity=name)
    W_xh, W_hh = np.array(figure.W_xh)[:, None], 1.3 * np.array(figure.W_hh)
    cell.params.update(W_xh=W_xh, W_hh=W_hh, b_h=np.zeros(4))
    x = np.array(figure.x[:12])[:, None]
    expected = gradient_lengths(cell, x, np.eye(4)[0])[:12][::-1]
    np.testing.assert_allclose(figure.norms(), expected, 1e-9)
    np.testing.assert_allclose(script(figure, "walk(model).map(norm)"), expected, 1e-9)


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize(
    ("word", "layers", "both"), [("mate", 2, True), ("cat", 2, False), ("q", 1, True)]
)
def test_both_ways_computes_what_python_computes(stage, word, layers, both, packed):
    figure = figures.both_ways(word, layers, both, packed, step=99, output=0)
    page = stage(figure)
    found = np.full((layers, 2, len(word) + 2), np.nan)
    for cell in page.locator("[data-cell]").all():
        value = cell.locator(".rnn-unit text").text_content().replace("\N{MINUS SIGN}", "-")
        found[tuple(map(int, cell.get_attribute("data-cell").split("-")))] = float(value)
    np.testing.assert_allclose(found, figure.states(), atol=0.00501)


@pytest.mark.parametrize(("both", "heard"), [("both", "m, a, t, e"), ("one", "m, a")])
def test_both_ways_says_what_an_output_hears(stage, both, heard):
    page = stage(figures.both_ways(layers=1), viewport=PHONE, has_touch=True)
    page.get_by_label("directions").select_option(both)
    page.locator('[data-output="1"]').tap()
    assert f"The output at “a” hears {heard}." in page.locator(".rnn-readout").inner_text()
    page.get_by_label("layers").select_option("2")
    assert f"The output at “a” hears {heard}." in page.locator(".rnn-readout").inner_text()
    overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert overflow <= 0


@pytest.mark.parametrize(("kind", "held"), [("lstm", {"f": 1, "o": 0}), ("gru", {"z": 0, "r": 1})])
def test_gate_explorer_computes_the_same_with_gates_held(script, kind, held):
    figure = figures.gate_explorer(kind, "two pulses")
    figure.forced = {**figure.forced, **held}
    for ours, theirs in zip(figure.trace(), script(figure, "trace(model)"), strict=True):
        assert {name: theirs[name] for name in ours} == pytest.approx(ours, rel=1e-9)
        assert held.items() <= ours.items()


@pytest.mark.parametrize(("kind", "keeps"), [("lstm", True), ("gru", True), ("gru", False)])
def test_gate_explorer_computes_what_the_cell_computes(script, kind, keeps):
    figure = figures.gate_explorer(kind, "zigzag", keeps)
    order = "ifgo" if kind == "lstm" else "rzn"
    rows = np.array([figure.weights[name] for name in order], dtype=float)  # (gates, 3)
    cell = LSTMCell(1, 1) if kind == "lstm" else GRUCell(1, 1, reset_after=False)
    for name, column in zip(("W_xh", "W_hh", "b_h"), rows.T, strict=True):
        cell.params[name] = column.reshape(cell.params[name].shape)
    h, _, _ = unroll(cell, np.array(figure.x)[:, None])
    np.testing.assert_allclose([row["h"] for row in figure.trace()], h[:, 0], 1e-9)
    for ours, theirs in zip(figure.trace(), script(figure, "trace(model)"), strict=True):
        assert {name: theirs[name] for name in ours} == pytest.approx(ours, rel=1e-9)


def test_gradient_walk_shows_what_a_slider_does_before_the_first_step(stage):
    page = stage(figures.gradient_walk())
    page.get_by_role("button", name="Start over").click()
    page.get_by_label("scale of Whh").fill("2")
    assert "After 7 steps" in page.locator(".rnn-readout").inner_text()


def test_gradient_walk_draws_every_column_to_one_scale(script):
    figure = figures.gradient_walk(2.5, 8, "linear")
    drawn = "walk(model).map((dh, t) => column(dh, t, 8, true).outerHTML)"
    columns = script(figure, drawn)
    reach = script(figure, "(RIGHT - LEFT) / 8 * 0.42 - 1")  # what a bar of 1 measures
    for gradient, picture in zip(script(figure, "walk(model)"), columns, strict=True):
        widths = [float(w) for w in re.findall(r'class="rnn-bar"[^>]* width="([\d.]+)"', picture)]
        expected = [max(min(abs(d), 1) * reach, 0.8) for d in gradient]
        assert widths == pytest.approx(expected)
        assert picture.count("<path") == sum(abs(d) > 1 for d in gradient)


def test_gradient_flow_ends_a_line_where_it_leaves_the_axis(script):
    figure = figures.gradient_flow(2.5, 100)
    courses = {key: script(figure, f"course(norms('{key}', S))") for key in figure.weights}
    for key, course in courses.items():
        lengths = np.array(figure.norms(key))
        inside = (lengths >= 1e-12) & (lengths <= 1e6)
        leaves = None if inside.all() else "up" if lengths[~inside][0] > 1 else "down"
        assert course["leaves"] == leaves
        assert len(course["points"]) == (101 if inside.all() else np.argmin(inside) + 1)
    assert {course["leaves"] for course in courses.values()} == {None, "up", "down"}


def test_gate_explorer_keeps_its_axis_and_shows_the_free_run(stage):
    page = stage(figures.gate_explorer("lstm"))
    axis = page.locator("svg text.rnn-muted").all_text_contents()
    assert page.locator(".rnn-ghost").count() == 0
    for menu in page.locator("select").all()[1:]:
        menu.select_option(label="held at 1")
    assert page.locator("svg text.rnn-muted").all_text_contents() == axis
    assert page.locator(".rnn-ghost").count() == 2
    assert page.locator(".rnn-readout").inner_text().startswith("c₄ = f·c₃ + i·g = ")


def test_gate_explorer_is_moved_by_a_finger_and_the_page_is_not(stage):
    page = stage(figures.gate_explorer("lstm"), viewport=PHONE, has_touch=True)
    handle = page.locator(".rnn-handle").nth(2)
    scrolled = "node => node.dispatchEvent(new TouchEvent('touchstart', {cancelable: true}))"
    assert handle.evaluate(scrolled) is False


@pytest.mark.parametrize("gate", ["free", "held at 1"])
def test_names_of_the_curves_stand_apart(stage, gate):
    page = stage(figures.gate_explorer("lstm"))
    for menu in page.locator("select").all()[1:]:
        menu.select_option(label=gate)
    tops = sorted(name.bounding_box()["y"] for name in page.locator("svg .rnn-var").all())
    assert len(tops) == 6
    assert min(b - a for a, b in pairwise(tops)) > 8


# ---- a curve that the reader draws ----------------------------------------------------------


def memory(log=False):
    y = [1, 1e-2, 3e-5, 2e-9] if log else [100, 99.9, 51.1, 24.7]
    ends = (1e-10, 1e2) if log else (0, 100)
    return figures.draw_curve([0, 5, 10, 20], y, labels=("ago", "named"), ends=ends, log=log)


@pytest.mark.parametrize("log", [False, True])
def test_a_drawn_curve_is_compared_as_python_does(stage, log):
    page, figure = stage(memory(log)), memory(log)
    show = page.get_by_role("button", name="Show what was measured")
    assert show.is_disabled()
    page.get_by_role("slider").focus()
    for keys in ("ArrowUp", "ArrowRight", "ArrowRight", "PageDown", "ArrowRight"):
        page.keyboard.press(keys)
    low, high = np.log10(figure.ends) if log else np.array(figure.ends)
    drawn = low + (high - low) * np.array([21, 21, 16, 16]) / 40
    apart = abs((np.log10(figure.y) if log else np.array(figure.y)) - drawn)
    assert page.locator(".rnn-measured").get_attribute("points") == ""
    show.click()
    text = page.locator(".rnn-readout").inner_text()
    mean = 10 ** apart.mean() if log else apart.mean()
    if mean < 1000:
        digits = 0 if mean >= 10 else 2 if log else 1
        expected = number(mean, digits)
    else:
        expected = f"{mean:.1e}".replace("e+0", "·10")
    plain = text.translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789"))
    assert f" {expected} on average" in plain
    assert f"most at {figure.x[apart.argmax()]:g}," in text
    assert len(page.locator(".rnn-measured").get_attribute("points").split()) == 4
    page.get_by_role("button", name="Draw again").click()
    assert page.locator(".rnn-measured").get_attribute("points") == ""


def test_a_curve_is_drawn_with_the_mouse_in_one_stroke(stage):
    page = stage(memory())
    area = page.get_by_role("slider")
    box = area.bounding_box()
    page.mouse.move(box["x"] + 3, box["y"] + 0.25 * box["height"])
    page.mouse.down()
    page.mouse.move(
        box["x"] + box["width"] - 3, box["y"] + 0.75 * box["height"]
    )  # past two columns
    page.mouse.up()
    points = page.locator(".rnn-drawn").get_attribute("points").split()
    heights = [float(point.split(",")[1]) for point in points]
    assert len(heights) == 4
    assert np.diff(heights) == pytest.approx([np.diff(heights)[0]] * 3, abs=0.2)
    assert heights[-1] > heights[0]


def test_a_finger_draws_and_does_not_scroll(stage):
    page = stage(memory(), viewport=PHONE, has_touch=True)
    touched = "node => node.dispatchEvent(new TouchEvent('touchstart', {cancelable: true}))"
    assert page.get_by_role("slider").evaluate(touched) is False
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def draw_level(page):
    page.get_by_role("slider").focus()
    page.keyboard.press("PageUp")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.get_by_role("button", name="Show what was measured").click()
    lines = (attributes(page, f".rnn-{name}", "points")[0] for name in ("drawn", "measured"))
    mine, theirs = (line.split() for line in lines)
    assert len({point.split(",")[1] for point in mine}) == 1
    assert len({point.split(",")[1] for point in theirs}) == 4


# ---- diagrams: the cells, part by part --------------------------------------------------------


@pytest.mark.parametrize("x", [0.6, -0.7])
@pytest.mark.parametrize(("cell", "keeps"), [
    ("rnn", True), ("lstm", True), ("gru", True), ("gru", False),
])  # fmt: skip
def test_a_cell_diagram_computes_what_the_cell_computes(script, stage, cell, keeps, x):
    figure = figures.cell_diagram(cell, x, h=-0.45, keeps=keeps)
    expected = figure.values()  # by rnncourse.cells
    assert script(figure, "values(S)") == pytest.approx(expected, rel=1e-12)
    page = stage(figures.cell_diagram(cell, h=-0.45))
    page.get_by_label("xt", exact=True).fill(str(x))
    if not keeps:
        page.get_by_label("z near 1").select_option("false")
    for name, value in expected.items():
        part = page.locator(f'[data-part="{name}"]')
        assert part.get_attribute("aria-label").endswith(f": {number(value)}")
        shown = number(x if (cell, name) == ("rnn", "x") else value)
        assert shown in part.locator("text").all_text_contents()


def lit(page, inside):
    return page.locator(f".rnn-figure {inside} .rnn-lit").all_text_contents()


@pytest.mark.parametrize(("cell", "keeps", "part", "terms", "code"), [
    ("rnn", True, "x", "Wxhxt", "x_t @ W_xh.T"),
    ("lstm", True, "keep", "f⊙ct−1", "f * c_prev"),
    ("lstm", True, "f", "f = σ(Wxfxt+Whfht−1+bf)f", "sigmoid(a_f)"),
    ("gru", True, "rest", "(1−z)", "(1 - z)"),
    ("gru", False, "rest", "(1−z)", "sigmoid(x_z + h_z)"),
])  # fmt: skip
def test_a_part_lights_up_its_term_and_its_code(stage, cell, keeps, part, terms, code):
    page = stage(figures.cell_diagram(cell, keeps=keeps, part="h"))
    page.locator(f'[data-part="{part}"]').dispatch_event("click")
    assert "".join(lit(page, ".rnn-terms")).replace(" ", "") == terms.replace(" ", "")
    assert "".join(lit(page, ".rnn-codeline")) == code
    assert page.locator('[aria-pressed="true"]').get_attribute("data-part") == part
    does = (figures.cell_diagram(cell).swapped if not keeps else {}).get(part)
    does = (does or figures.cell_diagram(cell).parts[part])[1]
    assert does in page.locator(".rnn-readout").inner_text()


def test_a_term_and_a_line_of_code_light_up_their_part(stage):
    page = stage(figures.cell_diagram("lstm"))
    pressed = page.locator('[aria-pressed="true"]')
    page.locator('.rnn-terms [data-parts="o"]').first.hover()
    assert pressed.get_attribute("data-part") == "o"
    page.locator(".rnn-source").get_by_text("np.tanh(c_t)").hover()
    assert pressed.get_attribute("data-part") == "tanh_c"


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_the_arrow_keys_walk_round_a_cell(stage, cell):
    figure = figures.cell_diagram(cell)
    page, names = stage(figure), list(figure.parts)
    page.locator('[data-part][tabindex="0"]').focus()
    start = names.index(figure.part)
    for name in [*names[start + 1 :], *names[: start + 1]]:
        page.keyboard.press("ArrowRight")
        assert page.evaluate("document.activeElement.dataset.part") == name
        assert page.locator('[aria-pressed="true"]').get_attribute("data-part") == name
    assert page.locator('[data-part][tabindex="0"]').count() == 1


DIAGRAMS = [figures.cell_diagram(cell) for cell in ("rnn", "lstm", "gru")]
DIAGRAMS += [figures.bag_window_recurrent("mouse bites dog", "last")]
DIAGRAMS += [figures.gradient_roads(cut=["belt"]), figures.gradient_roads("rnn")]
DIAGRAMS += [figures.folded_loop(), figures.folded_loop("sat the cat sat", unrolled=1)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("figure", DIAGRAMS, ids=lambda figure: figure.name)
def test_a_diagram_fits_a_small_phone_and_can_be_read(stage, figure, scheme):
    page = stage(figure, viewport={"width": 320, "height": 640}, scheme=scheme)
    page.evaluate(f"document.documentElement.dataset.theme = '{scheme}'")
    page.add_style_tag(content=".rnncourse-figure > table { display: none }")  # as in the book
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    rules = ["color-contrast", "nested-interactive", "aria-allowed-attr", "button-name"]
    assert violations(page, rules) == []
    small = "node => node.getBoundingClientRect().height < 9 && node.textContent.trim()"
    assert not [t for t in page.locator(".rnn-figure svg text:visible").all() if t.evaluate(small)]


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_a_finger_chooses_a_part(stage, cell):
    page = stage(figures.cell_diagram(cell), viewport=PHONE, has_touch=True)
    page.locator('[data-part="x"] .rnn-unit').tap()
    assert page.locator('[aria-pressed="true"]').get_attribute("data-part") == "x"


@pytest.mark.parametrize("unrolled", [0, 1])
@pytest.mark.parametrize("words", ["the cat sat", "sat the cat sat"])
def test_the_loop_computes_what_the_cell_computes(stage, words, unrolled):
    figure = figures.folded_loop(words, unrolled=unrolled, step=0)
    page = stage(figure, reduced_motion="reduce")
    for t, state in enumerate(figure.states()):
        boxes = page.locator(f'[data-step="{t}"] .rnn-unit text')
        assert boxes.all_text_contents() == [number(value) for value in state]
        assert f"h{chr(0x2080 + t)} = {printed(state)}" in page.locator(".rnn-readout").inner_text()
        columns = page.locator("[data-step]").count()
        assert columns == (len(words.split()) + 1 if unrolled else 1)
        page.get_by_role("button", name="step forward").click(force=True)


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_the_loop_unrolls_in_an_eased_motion_or_at_once(stage, motion):
    page = stage(figures.folded_loop(step=3), reduced_motion=motion)
    seen = page.evaluate("""async () => {
        const box = () => document.querySelector("[data-step='3'] rect");
        const place = () => Number(box().getAttribute("x"));
        const seen = [place()];
        document.querySelector(".rnn-main").click();
        const start = performance.now();
        while (performance.now() - start < 1600) {
            seen.push(place());
            await new Promise(requestAnimationFrame);
        }
        return seen;
    }""")
    assert seen == sorted(seen)
    first, last = seen[0], seen[-1]
    assert (first, last) == (pytest.approx(189), pytest.approx(372))
    between = {x for x in seen if first < x < last}
    assert (len(between) > 5) == (motion == "no-preference")


@pytest.mark.parametrize("unrolled", [0, 1])
def test_shared_weights_are_lit_wherever_they_stand(stage, unrolled):
    page = stage(figures.folded_loop(unrolled=unrolled), has_touch=True, viewport=PHONE)
    for name in ("Wxh", "Whh"):
        page.get_by_role("button", name=name, exact=True).tap()
        assert page.locator("[data-lit]").count() == (3 if unrolled else 1)


@pytest.mark.parametrize(("cell", "cut", "scale", "bias"), [
    ("rnn", [], 1.0, 1), ("rnn", [], 2.4, 1), ("rnn", ["h"], 1.0, 1), ("lstm", [], 1.0, 1.0),
    ("lstm", ["belt"], 2.0, 3.5), ("lstm", ["g", "o"], 1.3, 0.0), ("lstm", ["f", "i"], 0.7, -1.0),
])  # fmt: skip
def test_gradient_roads_walks_as_python_does(script, stage, cell, cut, scale, bias):
    figure = figures.gradient_roads(cell, cut, scale, bias)
    for ours, theirs in zip(figure.walk(), script(figure, "walk(S)"), strict=True):
        assert theirs["t"] == ours["t"]
        assert theirs["length"] == pytest.approx(ours["length"], rel=1e-9)
        assert theirs["by"] == pytest.approx(ours["by"], rel=1e-9)
        np.testing.assert_allclose(theirs["whole"], ours["whole"], 1e-9, 1e-15)
    page = stage(figures.gradient_roads(cell), viewport=PHONE, has_touch=True)
    page.get_by_label("scale of Whh").fill(str(scale))
    if cell == "lstm":
        page.get_by_label("forget bias").fill(str(bias))
    for road in cut:
        page.locator(f'[data-road="{road}"]').first.tap()
    arrives = [figure.walk(open_)[-1]["length"] for open_ in ([], cut)]
    told = page.locator(".rnn-readout").inner_text()
    said = [number(a, 3) if a else "nothing" for a in (arrives if cut else arrives[:1])]
    assert re.findall(r"\d\.\d{3}|nothing", told) == said
    assert page.locator(".rnn-switch[aria-pressed=false]").count() == len(cut)
    assert page.locator(".rnn-closed").count() == 2 * len(cut)


def test_the_axis_of_the_roads_stands_still_and_says_what_lies_beyond(stage):
    page = stage(figures.gradient_roads("rnn"))
    marks = page.locator("svg text.rnn-muted")
    before = marks.all_text_contents()
    for scale, beyond in (("3", 0), ("0.5", 0)):
        page.get_by_label("scale of Whh").fill(scale)
        assert marks.all_text_contents() == before
        assert page.locator(".rnn-beyond").count() == beyond
    page.get_by_role("button", name="recurrent matrix").press("Enter")
    assert page.locator(".rnn-beyond").count() == 1


@pytest.mark.parametrize(("words", "place"), [
    ("dog bites man", ""), ("cat bites dog", "first"), ("mouse feeds cat", "last"),
])  # fmt: skip
def test_the_readers_answer_as_python_does(stage, words, place):
    figure = figures.bag_window_recurrent(words, place)
    page = stage(figures.bag_window_recurrent())
    for label, word in zip(("who", "does", "whom"), words.split(), strict=True):
        page.get_by_label(label, exact=True).select_option(word)
    page.get_by_label("today").select_option(place)
    orders = figure.orders()
    for kind, both in figure.answers().items():
        for k, (h, says) in enumerate(both):
            order = page.locator(f'[data-kind="{kind}"] [data-order="{k}"]')
            numbers_ = order.locator(".rnn-unit text").all_text_contents()
            assert numbers_ == [number(value) for value in h]
            units = order.locator(".rnn-unit").all()
            lit = [unit.get_attribute("data-lit") is not None for unit in units]
            assert lit == (abs(h - both[1 - k][0]) >= 0.005).tolist()
            assert order.locator(".rnn-says").text_content() == number(says)
            news = figure.news[" ".join(w for w in orders[k] if w != "today")]
            assert order.locator(".rnn-mark").text_content() == "✗✓"[(says > 0.5) == news]
    assert page.locator('[data-kind="bag"] [data-lit]').count() == 0
    seen = page.locator(".rnn-readout").inner_text()
    assert ("Not among" in seen) == any(" ".join(said) in figure.unseen for said in orders)


# ---- chapter 8: the shapes of tasks ---------------------------------------------------------


@pytest.mark.parametrize(("shape", "digit"), [
    ("one to one", 8), ("one to many", 3), ("many to one", 2), ("aligned", 3), ("seq2seq", 4),
])  # fmt: skip
def test_topologies_shows_what_the_cells_compute(stage, shape, digit):
    page = stage(figures.topologies(shape, digit, step=1))
    stored = assets.load("shapes")
    weights, picture = stored["networks"][shape], np.array(stored["pictures"][digit]) / 16
    known = {
        "one to many": shapes.LETTERS,
        "aligned": shapes.ALL_SOUNDS,
        "seq2seq": shapes.FRENCH_LETTERS,
    }.get(shape, shapes.DIGITS)
    letters = [shapes.hot([letter], shapes.LETTERS) for letter in shapes.NAMES[digit]]
    inputs = {
        "one to one": [picture[None]], "many to one": list(picture.reshape(8, 1, 8)),
        "aligned": letters, "seq2seq": letters, "one to many": [],
    }[shape]  # fmt: skip
    cell = shapes.network(weights, "E" if shape == "seq2seq" else "")
    h = list(unroll(cell, np.array(inputs))[0]) if inputs else []
    spoken_ = {"one to one": [0], "many to one": [7]}.get(shape, range(len(h)))
    if shape == "seq2seq":
        spoken_ = range(0)
    outs = {t: h[t] for t in spoken_}
    if shape in ("one to many", "seq2seq"):
        decoder, fed, state = (
            shapes.network(weights),
            np.zeros((1, len(known))),
            h[-1] if h else None,
        )
        pixels = picture[None] if shape == "one to many" else np.zeros((1, 0))
        while not h or not fed[0, known.index(shapes.END)]:
            states, state, _ = unroll(decoder, np.concatenate([pixels, fed], 1)[None], state)
            outs[len(h)], pixels = states[0], 0 * pixels
            h.append(states[0])
            scores = state[0] @ np.array(weights["W_hy"]).T + weights["b_y"]
            fed = np.eye(len(known))[[scores.argmax()]]
    for t, state in enumerate(h):
        line = page.locator(".rnn-readout").first.inner_text()
        assert f"h{low(t + 1)} = {printed(state[0])}" in line
        if t in outs:
            p = softmax(state[0] @ np.array(weights["W_hy"]).T + weights["b_y"])
            assert f"out: {known[p.argmax()]} ({number(p.max())})" in line
        else:
            assert "nothing is asked" in line
        if t + 1 < len(h):
            page.get_by_role("button", name="step forward").click()
    assert page.get_by_role("button", name="step forward").is_disabled()


def low(t):
    return "".join(chr(0x2080 + int(digit)) for digit in str(t))


def test_topologies_draws_a_bar_for_each_number(stage):
    figure = figures.topologies("aligned", 7, step=2)
    page = stage(figure)
    for t, (_, h, *_) in enumerate(figure.runs["aligned"][7][:2], start=1):
        bars = page.locator(f'[data-step="{t}"] rect[data-key]').all()
        widths = [float(bar.get_attribute("width")) for bar in bars]
        np.testing.assert_allclose(np.array(widths) / 22, np.abs(h), atol=1e-9)
    assert page.locator('[data-step="3"] rect[data-key]').count() == 0


def test_what_is_still_to_be_written_is_not_shown(stage):
    page = stage(figures.topologies("one to many", 3, step=2))
    written = page.locator("svg text").all_text_contents()
    assert written.count("?") == 4 + 4  # outputs, and letters fed back after “th”
    page.get_by_role("button", name="step forward").click()
    assert page.locator("svg text").all_text_contents().count("?") == 3 + 3


@pytest.mark.parametrize("figure", [figures.matching_game(), figures.topologies("seq2seq", 4)],
                         ids=lambda figure: figure.name)  # fmt: skip
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_shapes_fit_a_small_phone_and_offend_nobody(stage, figure, scheme):
    page = stage(figure, viewport={"width": 320, "height": 700}, scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    if figure.name == "matching_game":
        page.get_by_role("button", name="A film review").click()
        page.locator("[data-shape='many to one'] button").click()
    page.emulate_media(reduced_motion="reduce")
    found = violations(
        page, ["color-contrast", "button-name", "label", "list", "aria-allowed-attr"]
    )
    assert found == []


@pytest.mark.parametrize(("harder", "tasks"), [(False, TASKS), (True, HARDER)])
def test_the_game_says_why_each_wrong_match_is_wrong(stage, harder, tasks):
    page = stage(figures.matching_game(harder))
    line, misses = page.locator(".rnn-readout"), 0
    for task in tasks:
        for shape in SHAPES:
            if shape != task.shape:
                page.get_by_role("button", name=task.asks).click()
                page.locator(f"[data-shape='{shape}'] button").click()
                assert line.inner_text() == f"“{task.asks}” is not {shape}. {task.feedback(shape)}"
                misses += 1
    assert page.get_by_text(f"0 of 10 matched, {misses} misses").is_visible()


def test_the_game_is_played_by_keyboard_alone(stage):
    page = stage(figures.matching_game())
    for _ in TASKS:
        page.wait_for_function("document.querySelector('.rnn-task[aria-pressed=true]')")
        card = page.locator(".rnn-task[aria-pressed=true]")
        task = next(t for t in TASKS if t.asks == card.inner_text())
        card.focus()
        page.keyboard.press("Enter")
        page.locator(f"[data-shape='{task.shape}'] button").press("Enter")
    assert page.get_by_text("10 of 10 matched, no misses").is_visible()
    assert page.locator(".rnn-matched li").count() == 10
    assert page.locator(".rnn-task:visible").count() == 0
    assert page.evaluate("document.activeElement.textContent") == "Start over"
    page.keyboard.press("Enter")
    assert page.locator(".rnn-task:visible").count() == 10


def test_the_game_is_played_by_finger(stage):
    page = stage(figures.matching_game(), viewport=PHONE, has_touch=True)
    page.get_by_role("button", name="An X-ray").tap()
    page.locator("[data-shape='one to one'] button").tap()
    assert page.locator("[data-shape='one to one'] li").all_text_contents() == [
        "✓ An X-ray: is the bone broken?"
    ]


@pytest.mark.parametrize(("shape", "lands"), [("seq2seq", 1), ("aligned", 0)])
def test_a_task_is_dragged_onto_a_shape(stage, shape, lands):
    page = stage(figures.matching_game())
    card = page.get_by_role("button", name="A long report")
    card.drag_to(page.locator(f"[data-shape={shape}] button"))
    assert page.locator(f"[data-shape={shape}] li").count() == lands
    told = page.locator(".rnn-readout").inner_text()
    assert (": right." if lands else "is not aligned") in told
    assert card.is_visible() != bool(lands)


# ---- each figure's experiment: do what its note says, see what it promises ------------------


def numbers(text):
    """The numbers in a figure's line, with true minus signs."""
    return [float(n.replace("\N{MINUS SIGN}", "-")) for n in re.findall(r"[\u2212]?\d+\.\d+", text)]


def swap_dog_and_man(page):
    answers = numbers(page.locator(".rnn-readout").inner_text())
    assert answers[0] < 0.1 < 0.9 < answers[1]
    page.get_by_role("button", name="Swap dog and man").click()
    assert numbers(page.locator(".rnn-readout").inner_text()) == answers[::-1]


def attributes(page, selector, name):
    given = page.locator(f".rnn-figure {selector}").all()
    return [node.get_attribute(name) for node in given]


def press_a_word(page):
    bars = attributes(page, "rect[rx='2']", "width")
    marks = attributes(page, "rect[rx='3']", "fill")
    page.get_by_role("button", name="dog, place 1").click()
    assert attributes(page, "rect[rx='2']", "width") == bars
    assert attributes(page, "rect[rx='3']", "fill") != marks
    assert "2 of 3 columns differ" in page.locator(".rnn-readout").inner_text()


def move_z(page):
    slopes = []
    for z in range(4):
        page.get_by_label("z", exact=True).fill(str(z))
        slopes.append(numbers(page.locator(".rnn-readout").inner_text())[-1])
    assert slopes[0] == 1
    assert slopes == sorted(slopes, reverse=True)
    assert slopes[-1] == 0.01


def type_another_order(page):
    page.get_by_label("step", exact=True).fill("3")
    last = page.locator('[data-step="3"] .rnn-unit text')
    before = last.all_text_contents()
    page.get_by_label("words").fill("sat cat the")
    assert all(a != b for a, b in zip(before, last.all_text_contents(), strict=True))


def forget_the_push(page):
    page.get_by_label("input").select_option("one push")
    page.get_by_role("button", name="W h h, row 1, column 1").click()

    def first_unit():
        states = []
        for t in range(1, 7):
            page.get_by_label("step", exact=True).fill(str(t))
            states.append(numbers(page.locator(".rnn-readout").inner_text())[2])
        return states

    assert min(first_unit()) > 0.1
    page.locator("input[type=range]").nth(1).fill("0")
    first, *others = first_unit()
    assert first > 0.7
    assert others == [0.0] * 5


def walk_linear(page):
    page.get_by_label("nonlinearity").select_option("linear")
    for _ in range(4):
        page.get_by_role("button", name="One step back").click()
    rises = []
    for scale in ("1", "3"):
        page.get_by_label("scale of Whh").fill(scale)
        (points,) = attributes(page, "polyline", "points")
        first, *_, last = [float(point.split(",")[1]) for point in points.split()]
        rises.append(last - first)  # y grows downwards; the walk ends at the first step
    assert rises[0] < 0 < rises[1]


def turn_up_the_scale(page):
    page.get_by_label("scale of Whh").fill("2")
    one = 262 - (0 + 12) * (262 - 12) / (6 + 12)  # where a gradient of length 1 stands

    def ends(role):
        lines = attributes(page, f"polyline[stroke='var(--rnn-{role})']", "points")
        return [float(points.split()[-1].split(",")[1]) for points in lines]

    assert max(ends("baseline")) < one
    assert len(ends("baseline")) == 2
    assert min([*ends("lstm"), *ends("gru")]) > one + 40


def hold_the_forget_gate(page):
    page.get_by_label("input", exact=True).select_option("prices")

    def kept():
        line = page.locator('polyline:not(.rnn-ghost)[stroke="var(--rnn-cell)"]')
        return [-float(p.split(",")[1]) for p in line.get_attribute("points").split()]

    assert min(np.diff(kept())) < 0
    page.get_by_label("forget gate f").select_option("1")
    assert min(np.diff(kept())) >= 0


def hold_the_update_gate(page):
    page.get_by_label("update gate z").select_option("1")
    line = page.locator('polyline:not(.rnn-ghost)[stroke="var(--rnn-state)"]')
    assert len({p.split(",")[1] for p in line.get_attribute("points").split()}) == 1
    assert page.locator(".rnn-readout").inner_text().endswith("= 0.00")


def touch_the_input(page):
    before = lit(page, ".rnn-terms")
    page.locator('[data-part="x"] .rnn-unit').click()
    assert before != lit(page, ".rnn-terms") == ["Wxhxt"]
    moved_by_x(page, {"sum", "h", "x"}, "h_prev")


def moved_by_x(page, moves, stands):
    def labels():
        nodes = page.locator("[data-part]").all()
        return {n.get_attribute("data-part"): n.get_attribute("aria-label") for n in nodes}

    before = labels()
    page.get_by_label("xt", exact=True).fill("-1")
    after = labels()
    assert all(before[part] != after[part] for part in moves)
    assert before[stands] == after[stands]


def touch_the_forget_gate(page):
    page.locator('[data-part="f"] .rnn-node').click()
    lines = page.locator(".rnn-term-line:has(.rnn-lit)")
    assert lines.count() == 2
    moved_by_x(page, {"c", "h"}, "c_prev")


def switch_the_convention(page):
    page.locator('[data-part="z"] .rnn-node').click()
    assert page.locator(".rnn-term-line:has(.rnn-lit)").count() == 2
    places = []
    for keeps in ("true", "false"):
        page.get_by_label("z near 1").select_option(keeps)
        state = page.locator('[data-part="h"]').get_attribute("aria-label")
        places.append((page.locator('[data-part="rest"] .rnn-node').get_attribute("x"), state))
    assert float(places[0][0]) > float(places[1][0]) + 20
    assert places[0][1] == places[1][1]


def unroll_the_loop(page):
    page.emulate_media(reduced_motion="reduce")
    boxes = page.locator("[data-step] .rnn-unit text")
    seen = []
    for _ in range(3):
        seen.append(boxes.all_text_contents())
        page.keyboard.press("Tab") if not seen[1:] else None
        page.keyboard.press("ArrowRight")
    assert len(set(map(tuple, seen))) == 3
    page.get_by_role("button", name="Unroll the loop").click()
    assert boxes.all_text_contents()[4:] == [text for texts in seen for text in texts]
    assert page.locator("[data-lit]").count() == 3


def cut_the_only_path(page):
    page.get_by_role("button", name="recurrent matrix").click()
    assert "nothing with recurrent matrix cut" in page.locator(".rnn-readout").inner_text()
    page.get_by_role("button", name="recurrent matrix").click()
    before = numbers(page.locator(".rnn-readout").inner_text())
    page.get_by_label("scale of Whh").fill("2")
    assert numbers(page.locator(".rnn-readout").inner_text()) > before


def cut_the_belt(page):
    left = {}
    for name in ("conveyor belt", "forget gate", "input gate", "candidate", "output gate"):
        page.get_by_role("button", name=name).click()
        whole, left[name] = numbers(page.locator(".rnn-readout").inner_text())
        page.get_by_role("button", name=name).click()
    belt = left.pop("conveyor belt")
    assert belt < 0.1 * whole
    assert min(left.values()) > 0.7 * whole


def let_today_come_first(page):
    page.get_by_label("who", exact=True).select_option("cat")
    page.get_by_label("whom", exact=True).select_option("dog")
    marks = {}
    for place in ("", "first"):
        page.get_by_label("today").select_option(place)
        for kind in ("bag", "window", "recurrent"):
            found = page.locator(f'[data-kind="{kind}"] .rnn-mark').all_text_contents()
            marks[kind, place] = "".join(found)
        says = page.locator('[data-kind="bag"] .rnn-says').all_text_contents()
        assert says[0] == says[1]
    assert marks["window", ""] == marks["recurrent", ""] == marks["recurrent", "first"] == "✓✓"
    assert marks["window", "first"] == "✗✗"


def begin_like_two(page):
    page.get_by_role("button", name="aligned").click()
    first = []
    for name in ("two", "three", "four"):
        page.get_by_label("digit", exact=True).select_option(label=name)
        page.get_by_role("button", name="first step").click()
        first.append(
            re.search(r"out: .* \((.*?)\)\.", page.locator(".rnn-readout").first.inner_text())
        )
    surely = [float(found[1]) for found in first]
    assert surely[0] == surely[1] < 0.6 < 0.9 < surely[2]
    page.get_by_label("digit", exact=True).select_option(label="three")
    page.get_by_role("button", name="first step").click()
    page.get_by_role("button", name="step forward").click()
    assert "in: h; out: – (1.00)" in page.locator(".rnn-readout").first.inner_text()


def put_translation_on_aligned(page):
    page.get_by_role("button", name="An English sentence").click()
    page.locator("[data-shape=aligned] button").click()
    assert "stand in another order" in page.locator(".rnn-readout").inner_text()
    assert page.locator(".rnn-matched li").count() == 0


def put_the_program_on_aligned(page):
    page.get_by_role("button", name="A piece of program").click()
    page.locator("[data-shape=aligned] button").click()
    assert "no word of it belongs to one place" in page.locator(".rnn-readout").inner_text()
    assert page.locator(".rnn-matched li").count() == 0


def run_over_the_padding(page):
    slider = page.get_by_label("step", exact=True)
    slider.fill(slider.get_attribute("max"))
    assert page.locator(".rnn-unit[data-lit]").count() == 0
    page.get_by_label("padding").select_option("run")
    slider.fill(slider.get_attribute("max"))
    lit = page.locator("[data-cell]:has(.rnn-unit[data-lit])").all()
    rows = {tuple(cell.get_attribute("data-cell").split("-")[:2]) for cell in lit}
    assert rows == {("0", "1"), ("1", "0"), ("1", "1")}  # all but the first layer's forward row


# ---- chapter 10: a network that writes --------------------------------------------------------


def written(page):
    return "".join(page.locator(".rnn-written span").all_text_contents()).replace("⏎", "")


@pytest.mark.parametrize(("begin", "temperature", "keep", "draw"), [
    ("JULIET:/O Romeo,", 0.7, "all", 1), ("To be", 1.6, "0.9", 5), ("", 0.3, "5", 2),
    ("É# the", 0.1, "all", 123456),
])  # fmt: skip
def test_writer_writes_what_python_writes(stage, script, begin, temperature, keep, draw):
    figure = figures.writer(begin, temperature, keep, draw)
    text, states, logits = figure.write()
    assert written(stage(figure)) == text
    unpack = "Object.fromEntries(Object.entries(S.weights).map(([k, v]) => [k, unpack(v)]))"
    for name, expected in (("states", states), ("logits", logits)):
        found = script(figure, f"write({unpack}, S).{name}.map((row) => [...row])")
        np.testing.assert_allclose(found, expected, atol=1e-9)


@pytest.mark.parametrize("follow", FOLLOWS)
def test_writer_finds_the_unit_that_python_finds(stage, follow):
    page, figure = stage(figures.writer()), figures.writer(follow=follow)
    page.get_by_label("the unit that follows").select_option(follow)
    text, states, _ = figure.write()
    found = correlations(states, feature(follow, text))
    unit, r = figure.followed()
    assert abs(r) == abs(found).max()
    assert f"Unit {unit}, a correlation of {number(r)}" in page.locator(".rnn-readout").inner_text()
    shadows = page.locator(".rnn-written span").evaluate_all("s => s.map((n) => n.style.boxShadow)")
    below = ["state" in shadow for shadow in shadows]
    assert below == (states[:, unit] >= 0).tolist()


def test_writer_shows_what_is_drawn_from(stage):
    page = stage(figures.writer(temperature=0.5, keep="5"))
    figure = figures.writer(temperature=0.5, keep="5")
    logits = figure.write()[-1]
    page.locator(".rnn-written span").nth(40).click()
    p = drawn_from(logits[40], 0.5, "5")
    likeliest = np.argsort(-softmax(logits[40]), kind="stable")[:8]
    rows = page.locator("[data-next]").all()
    names = [row.get_attribute("data-next") for row in rows]
    assert names == [figure.characters[k] for k in likeliest]
    shown = [row.locator("text").last.text_content() for row in rows]
    assert shown == [number(p[k]) for k in likeliest]
    assert sum(map(float, shown)) == pytest.approx(1, abs=0.03)


def test_writer_by_keyboard_and_by_finger(stage):
    page = stage(figures.writer(), viewport=PHONE, has_touch=True)
    page.locator(".rnn-written").focus()
    before = page.locator("[data-here]").evaluate("n => [...n.parentNode.children].indexOf(n)")
    page.keyboard.press("ArrowRight")
    after = page.locator("[data-here]").evaluate("n => [...n.parentNode.children].indexOf(n)")
    assert after == before + 1
    page.locator('[data-unit="20"]').tap()
    assert "Unit 20:" in page.locator(".rnn-readout").inner_text()
    page.get_by_role("slider", name="unit").focus()
    page.keyboard.press("ArrowDown")
    assert "Unit 36:" in page.locator(".rnn-readout").inner_text()
    assert page.get_by_label("the unit that follows").input_value() == ""
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_writer_writes_anew_with_other_dice(stage, motion):
    page = stage(figures.writer(), reduced_motion=motion)
    page.get_by_role("button", name="Write anew").click()
    hidden = "s => s.filter((n) => n.style.visibility === 'hidden').length"
    left = page.locator(".rnn-written span").evaluate_all(hidden)
    assert (left > 0) == (motion == "no-preference")
    assert written(page) == figures.writer(draw=2).write()[0]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_writer_fits_a_small_phone_and_can_be_read(stage, scheme):
    page = stage(figures.writer(), viewport={"width": 320, "height": 640}, scheme=scheme)
    page.evaluate(f"document.documentElement.dataset.theme = '{scheme}'")
    page.add_style_tag(content=".rnncourse-figure > table { display: none }")  # as in the book
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    rules = ["color-contrast", "nested-interactive", "aria-allowed-attr", "button-name"]
    rules += ["label", "scrollable-region-focusable", "aria-input-field-name"]
    assert violations(page, rules) == []


@pytest.mark.parametrize("given", [("2004", 15, 1, 1, 14), ("90713", -5, 0.75, 7, 0),
                                   ("6", -10, 1.33, 2**31, 3)])  # fmt: skip
def test_the_listener_hears_what_python_hears(stage, script, given):
    figure = figures.digit_listener(*given)
    p = script(figure, "hear(S).p")
    np.testing.assert_allclose(p, figure.posteriors(), rtol=1e-6, atol=1e-9)
    heard = stage(figure).locator("[data-heard]")
    assert heard.all_text_contents() == [str(digit) for digit, _, _ in figure.heard()]


def test_the_listener_by_keyboard_and_by_finger(stage):
    page = stage(figures.digit_listener(), viewport=PHONE, has_touch=True)
    page.get_by_role("textbox", name="digits").fill("5x8")
    assert "Said 5 8, heard 5 8: 0 of 2 wrong." in page.locator(".rnn-readout").inner_text()
    page.get_by_label("speech over noise").focus()
    page.keyboard.press("Home")
    assert "-10 dB" in page.locator(".rnn-figure").inner_text().replace("−", "-")
    before = page.locator(".rnn-readout").inner_text()
    page.get_by_role("button", name="Other noise").tap()
    assert page.locator(".rnn-readout").inner_text() != before
    page.locator(".rnn-plot").tap(position={"x": 200, "y": 150})
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("figure", [figures.digit_listener, figures.chorale_player])
def test_what_sounds_can_be_stopped(stage, figure):
    page = stage(figure())
    page.get_by_role("button", name="Play").click()
    page.get_by_role("button", name="Stop").click()
    assert page.get_by_role("button", name="Play").count() == 1
    page.get_by_role("button", name="Play").click()
    page.get_by_role("button", name="step forward").click()  # whoever moves it by hand stops it
    assert page.get_by_role("button", name="Play").count() == 1


def test_the_chorale_player_sings_what_is_stored(stage, script):
    figure = figures.chorale_player(2)
    assert script(figure, "S.pieces.map(meanOf)") == pytest.approx(figure.mean_nats())
    page = stage(figure)
    for frame in range(3):
        chord = [note(pitch) for pitch in figure.pieces[1]["pitches"][frame]]
        assert f": {', '.join(chord)}" in page.locator(".rnn-readout").inner_text()
        page.get_by_role("button", name="step forward").click()
    page.get_by_role("button", name="alto").click()
    dashed = page.locator("[data-voice][stroke-dasharray]")
    assert set(dashed.evaluate_all("n => n.map((e) => e.dataset.voice)")) == {"1"}
    page.get_by_role("button", name="Who wrote it?").click()
    told = page.locator(".rnn-figure").inner_text()
    assert all(piece["title"] in told for piece in figure.pieces)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("figure", [figures.digit_listener, figures.chorale_player])
def test_what_sounds_fits_a_small_phone_and_can_be_read(stage, figure, scheme):
    page = stage(figure(), viewport={"width": 320, "height": 640}, scheme=scheme)
    page.evaluate(f"document.documentElement.dataset.theme = '{scheme}'")
    page.add_style_tag(content=".rnncourse-figure > table { display: none }")  # as in the book
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    rules = ["color-contrast", "nested-interactive", "button-name", "label"]
    assert violations(page, rules) == []


def move_the_temperature(page):
    fresh = {}
    for temperature in ("0.2", "1.6"):
        page.get_by_label("temperature").fill(temperature)
        words = re.findall(r"[A-Za-z]+", written(page))
        fresh[temperature] = len(set(words)) / len(words)
    assert fresh["0.2"] < 0.8 < 0.9 < fresh["1.6"]


# ---- chapter 12: beam search ------------------------------------------------------------------

SEARCHES = [("athens", 3, 0.0), ("refractory", 5, 0.0), ("interfaith", 2, 1.0),
            ("Qqq wxyzzzqqxx", 4, 0.5), ("XIXWMUQMXAAA", 3, 1.0), ("", 5, 1.5),
            ("o'neill's", 1, 0.3)]  # fmt: skip


@pytest.mark.parametrize(("word", "width", "penalty"), SEARCHES)
def test_beam_tree_grows_as_in_python(script, word, width, penalty):
    figure = figures.beam_tree(width=width, penalty=penalty)
    figure.word = word
    tokens = figure.typed()
    call = f"tree(unpacked(S.weights), {tokens}, S.width, S.penalty)"
    grown, expected = script(figure, call), figure.grown()
    assert [step["kept"] for step in grown] == [kept for _, kept in expected]
    for step, (nodes, _) in zip(grown, expected, strict=True):
        keys = ("parent", "token", "length", "done")
        found = [[node[key] for key in keys] for node in step["nodes"]]
        assert found == [[getattr(node, key) for key in keys] for node in nodes]
        for key, name in (("p", "p"), ("logP", "log_p"), ("worth", "worth")):
            values = [node[key] for node in step["nodes"]]
            np.testing.assert_allclose(values, [getattr(node, name) for node in nodes], atol=1e-9)


def beam_rows(page):
    rows = page.locator(".rnn-beam tbody tr").all()
    return [row.locator("td").all_inner_texts() for row in rows]


@pytest.mark.parametrize(("word", "width", "penalty"), SEARCHES[:3])
def test_beam_tree_ends_with_what_python_ends_with(stage, word, width, penalty):
    page = stage(figures.beam_tree())
    page.get_by_label("word", exact=True).fill(word)
    page.get_by_label("width").fill(str(width))
    page.get_by_label("length penalty").fill(str(penalty))
    found = figures.beam_tree(word, width, penalty).found()
    expected = [[f"{text} ⊣", number(node.log_p), str(node.length), number(node.worth)]
                for text, node in found]  # fmt: skip
    assert beam_rows(page) == expected


def test_beam_tree_tells_kept_from_dropped(stage):
    figure = figures.beam_tree("athens", 3)
    page, grown = stage(figure), figure.grown()
    living = {(len(grown) - 1, row) for row in range(grown[-1][1])}
    for t in range(len(grown) - 1, 0, -1):
        living |= {(t - 1, grown[t][0][row].parent) for step, row in living if step == t}
    for t, (nodes, kept) in enumerate(grown):
        for row in range(len(nodes)):
            state = page.locator(f'[data-node="{t}-{row}"]').get_attribute("data-state")
            if row >= kept:
                assert state == "fell"
            elif (t, row) not in living:
                assert state == "ended"
            else:
                assert state == ("done" if nodes[row].done else "kept")


def test_beam_tree_by_keyboard_and_by_finger(stage):
    page = stage(figures.beam_tree("athens", 3), viewport=PHONE, has_touch=True)
    readout = page.locator(".rnn-readout")
    page.get_by_role("group", name="the tree").focus()
    page.keyboard.press("ArrowLeft")
    assert readout.inner_text().startswith("Step 5, 1 of 6 shown: “æ θ ʌ n z”")
    for _ in range(4):
        page.keyboard.press("ArrowDown")
    assert "5 of 6 shown" in readout.inner_text()
    assert readout.inner_text().endswith("Fell out.")
    page.keyboard.press("ArrowUp")
    assert "4 of 6 shown" in readout.inner_text()
    page.locator('[data-node="1-0"]').tap()
    assert readout.inner_text().startswith("Step 1, 1 of 6 shown: “ʌ”.")
    assert page.locator('[data-node^="6-"]').count() == 0  # the tree stands as it was
    page.get_by_role("button", name="step forward").tap()
    assert page.locator('[data-node^="6-"]').count() == 6
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_beam_tree_grows_by_itself(stage):
    page = stage(figures.beam_tree("athens", 2))
    page.get_by_role("button", name="Grow").click()
    assert page.locator("[data-node]").count() == 1
    page.get_by_role("button", name="Grow").wait_for(timeout=9000)  # it has come to its end
    assert len(beam_rows(page)) == 2
    assert "⊣" in beam_rows(page)[0][0]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_beam_tree_fits_a_small_phone_and_can_be_read(stage, scheme):
    page = stage(figures.beam_tree(width=5), viewport={"width": 320, "height": 640}, scheme=scheme)
    readable(page, scheme)


def readable(page, scheme):
    page.evaluate(f"document.documentElement.dataset.theme = '{scheme}'")
    page.add_style_tag(content=".rnncourse-figure > table { display: none }")  # as in the book
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    rules = ["color-contrast", "nested-interactive", "aria-allowed-attr", "button-name"]
    rules += ["label", "scrollable-region-focusable", "aria-input-field-name"]
    assert violations(page, rules) == []


def narrow_the_beam(page):
    wide = beam_rows(page)[0]
    page.get_by_label("width").fill("1")
    narrow = beam_rows(page)[0]
    assert wide[0][0] != narrow[0][0]
    assert as_number(narrow[1]) < as_number(wide[1])
    page.get_by_label("width").fill("3")
    page.get_by_label("or", exact=True).select_option("japan")
    truth = dict(figures.beam_tree().words)["japan"]
    assert beam_rows(page)[0][0] != f"{truth} ⊣"
    page.get_by_label("width").fill("1")
    assert beam_rows(page)[0][0] == f"{truth} ⊣"
    page.get_by_label("or", exact=True).select_option("interfaith")
    before = beam_rows(page)[0][0]
    page.get_by_label("width").fill("3")
    assert beam_rows(page)[0][0] == before
    page.get_by_label("length penalty").fill("1")
    truth = dict(figures.beam_tree().words)["interfaith"]
    assert beam_rows(page)[0][0] == f"{truth} ⊣" != before


def as_number(text):
    return float(text.replace("\N{MINUS SIGN}", "-"))


# ---- chapter 13: attention --------------------------------------------------------------------

LOOKS = [("French", "", []), ("French", "The old ÉLÉPHANT doesn't see l'homme", [1]),
         ("date", "zo 8 mrt 1970", [0, 5]), ("date", "??", []), ("reverse", "Abracadabra 42", [3]),
         ("reverse", "qqqqqqqqqqqqqqqqqqqqqqqq", []),
         ("date", "1" * 40, list(range(36)))]  # fmt: skip


@pytest.mark.parametrize(("task", "text", "covered"), LOOKS)
def test_attention_explorer_looks_where_python_looks(script, task, text, covered):
    figure = figures.attention_explorer(task, text, covered=covered)
    figure.text = text
    read = script(figure, "sourceOf(S.networks[S.task], S.task, S.text)")
    assert read == figure.source()
    network = "S.networks[S.task]"
    numbers = f"{json.dumps(read)}.map((token) => {network}.source.indexOf(token))"
    call = f"look(unpacked({network}.weights), {numbers}, {network}.limit, S.covered)"
    found, expected = script(figure, call), figure.looked()
    assert found["said"] == expected.said
    np.testing.assert_allclose(found["p"], expected.p, rtol=0, atol=1e-9)
    np.testing.assert_allclose(found["weights"], expected.weights, rtol=0, atol=1e-9)
    assert not expected.weights[:, covered].any()


def boxes(page, kind):
    return page.locator(f"[data-{kind}] text").all_text_contents()


@pytest.mark.parametrize(("task", "text"), [("date", "Dec 24, 1973"), ("reverse", "drawer"),
                                            ("French", "my cows were sitting")])  # fmt: skip
def test_attention_explorer_shows_what_python_finds(stage, task, text):
    page = stage(figures.attention_explorer())
    page.get_by_label("task").select_option(task)
    page.get_by_label("type", exact=True).fill(text)
    figure = figures.attention_explorer(task, text)
    weights = figure.looked().weights
    assert boxes(page, "output") == figure.said()
    assert boxes(page, "source") == [token.replace(" ", "␣") for token in figure.source()]
    for t, row in enumerate(weights):
        page.locator(f'[data-output="{t}"]').click()
        shares = page.locator("[data-source]").evaluate_all("s => s.map((n) => n.dataset.share)")
        assert shares == [f"{share:.4f}" for share in row]
        most = figure.source()[int(row.argmax())].replace(" ", "␣")
        expected = f"looks at “{most}” {number(row.max())}"
        assert expected in page.locator(".rnn-readout").inner_text()
    for s, column in enumerate(weights.T):
        page.locator(f'[data-source="{s}"]').click()
        total = f"over all outputs {number(column.sum())}."
        assert page.locator(".rnn-readout").first.inner_text().endswith(total)
        shares = page.locator("[data-output]").evaluate_all("s => s.map((n) => n.dataset.share)")
        assert shares == [f"{share:.4f}" for share in column]


def test_attention_explorer_by_keyboard_and_by_finger(stage):
    page = stage(figures.attention_explorer("reverse"), viewport=PHONE, has_touch=True)
    readout = page.locator(".rnn-readout").first
    page.get_by_role("group", name="outputs above").focus()
    page.keyboard.press("ArrowRight")
    assert readout.inner_text().startswith("Output 3, “i”")
    page.keyboard.press("ArrowDown")  # to the source that it looks at most
    assert readout.inner_text().startswith("Source 7, “i”")
    page.keyboard.press("ArrowLeft")
    assert readout.inner_text().startswith("Source 6, “t”")
    page.locator('[data-output="0"]').tap()
    assert readout.inner_text().startswith("Output 1, “n”")
    page.locator('[data-source="0"]').tap()
    assert readout.inner_text().startswith("Source 1, “a”")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_attention_explorer_covers_all_but_one(stage):
    page = stage(figures.attention_explorer("reverse", "ab"))
    page.locator('[data-source="0"]').click()
    page.get_by_role("button", name="Cover “a”").click()
    shares = page.locator("[data-line$='-0']")
    assert shares.count() == 0
    page.locator('[data-source="1"]').click()
    assert page.get_by_role("button", name="Cover “b”").is_disabled()
    page.locator('[data-source="0"]').click()
    page.get_by_role("button", name="Uncover “a”").click()
    assert page.locator("[data-line$='-0']").count() > 0


def test_attention_explorer_says_whether_it_is_right(stage):
    page = stage(figures.attention_explorer("reverse", "abc"))
    result = page.locator(".rnn-result-line")
    assert result.inner_text().endswith("“abc” → “cba”. ✓ right.")
    page.locator('[data-source="0"]').click()
    page.get_by_role("button", name="Cover").click()
    assert "✗ It should be “cba”." in result.inner_text()
    assert result.inner_text().endswith("Covered: “a” (1).")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_attention_explorer_fits_a_small_phone_and_can_be_read(stage, scheme):
    small = {"width": 320, "height": 640}
    readable(stage(figures.attention_explorer(), viewport=small, scheme=scheme), scheme)


def press_the_bird(page):
    def line():
        [one] = page.locator("[data-line]").evaluate_all(
            "s => s.sort((a, b) => b.getAttribute('stroke-width') - a.getAttribute('stroke-width'))"
            ".slice(0, 1).map((n) => n.getAttribute('data-line'))"
        )
        return tuple(map(int, one.split("-")))

    page.locator("[data-output]", has_text="oiseaux").click()
    noun = line()
    page.locator("[data-output]", has_text="italiens").click()
    adjective = line()
    assert noun[0] < adjective[0]
    assert noun[1] > adjective[1]  # the lines cross
    page.locator("[data-output]", has_text="oiseaux").click()
    page.get_by_role("button", name="Cover “birds”").click()
    said = boxes(page, "output")
    assert "oiseaux" not in said
    nouns = [one for one in said if any(form[2] == "2" for form in forms(one))]
    assert len(nouns) >= 3  # mes, another noun, italiens
    shares = page.locator("[data-source]", has_text="birds").get_attribute("data-share")
    assert float(shares) == 0


def say_thirty_three(page):
    page.get_by_role("textbox", name="digits").fill("33")
    heard = page.locator("[data-heard]").evaluate_all("n => n.map((e) => +e.dataset.heard)")
    assert page.locator("[data-heard]").all_text_contents() == ["3", "3"]
    blank = '[data-label="10"][data-frame="{}"]'.format
    between = [page.locator(blank(t)) for t in range(heard[0] + 1, heard[1])]
    assert max(float(b.get_attribute("opacity")) for b in between if b.count()) > 0.5


def look_at_the_surprise_of_each_piece(page):
    means = []
    for button in page.get_by_role("group", name="piece").get_by_role("button").all()[:-1]:
        button.click()
        means.append(float(page.locator(".rnn-readout").inner_text().split()[-1].strip(".")))
    *others, most = sorted(means)
    assert most > 1.3 * max(others)


# ---- chapter 14: memory and time against length -------------------------------------------------


def costs(mode="learn", length=4096):
    rows = experiments.load(experiments.results("lengths"))["rows"]
    return figures.memory_and_time(rows, mode, length)


@pytest.mark.parametrize("mode", ["learn", "write"])
@pytest.mark.parametrize("power", [7, 9.5, 12, 14, 20])
def test_memory_and_time_computes_what_python_computes(stage, script, mode, power):
    figure = costs(mode)
    figure.power = power
    for kind in ("mib", "ms"):
        for model in figure.curves[mode]:
            value, how = script(figure, f"cost(S, {model!r}, {kind!r}, {power})")
            assert (pytest.approx(value, rel=1e-9), how) == figure.cost(model, kind, power)
    page = stage(figure)
    for model, memory, time in zip(figure.curves[mode], figure.told("mib", power),
                                   figure.told("ms", power), strict=True):  # fmt: skip
        row = page.locator(f'[data-row="{model}"] td')
        assert row.all_text_contents() == [memory, time]


def test_memory_and_time_says_what_was_not_measured(stage):
    page = stage(costs())
    assert "All measured" in page.locator(".rnn-readout").inner_text()
    page.get_by_label("tokens").fill("20")
    assert "Extrapolated (*) for 5 of 5" in page.locator(".rnn-readout").inner_text()
    lines = page.locator("polyline[data-beyond]").all()
    assert {line.get_attribute("stroke-dasharray") for line in lines} == {"1.5 4"}
    page.get_by_label("tokens").focus()
    page.keyboard.press("ArrowLeft")
    assert "741,455 tokens" in page.locator(".rnn-readout").inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_memory_and_time_fits_a_small_phone_and_can_be_read(stage, scheme):
    page = stage(costs(), viewport={"width": 320, "height": 640}, scheme=scheme)
    page.evaluate(f"document.documentElement.dataset.theme = '{scheme}'")
    page.add_style_tag(content=".rnncourse-figure > table { display: none }")  # as in the book
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert violations(page, ["color-contrast", "label", "select-name", "empty-table-header"]) == []


def double_the_length(page):
    def memory():
        page.wait_for_function("document.getAnimations().length === 0")
        rows = page.locator("[data-row]").all()
        sizes = {"KiB": 1 / 1024, "MiB": 1, "GiB": 1024}
        found = {}
        for row in rows:
            value, unit = row.locator("td").first.text_content().split()
            found[row.get_attribute("data-row")] = float(value) * sizes[unit]
        return found

    page.get_by_label("cost of").select_option("learn")
    page.get_by_label("tokens").fill("11")
    before = memory()
    page.get_by_label("tokens").fill("12")
    grown = {model: after / before[model] for model, after in memory().items()}
    assert 3.4 < grown.pop("Transformer, explicit") < 4.6
    assert len(grown) == 4
    assert all(1.5 < factor < 2.5 for factor in grown.values())


EXPERIMENTS = {
    "activations": (figures.activations, move_z),
    "attention_explorer": (figures.attention_explorer, press_the_bird),
    "bag_window_recurrent": (figures.bag_window_recurrent, let_today_come_first),
    "beam_tree": (figures.beam_tree, narrow_the_beam),
    "both_ways": (figures.both_ways, run_over_the_padding),
    "cell_diagram": (lambda: figures.cell_diagram("lstm"), touch_the_forget_gate),
    "cell_diagram, GRU": (lambda: figures.cell_diagram("gru"), switch_the_convention),
    "cell_diagram, RNN": (lambda: figures.cell_diagram("rnn"), touch_the_input),
    "chorale_player": (figures.chorale_player, look_at_the_surprise_of_each_piece),
    "digit_listener": (figures.digit_listener, say_thirty_three),
    "draw_curve": (memory, draw_level),
    "folded_loop": (figures.folded_loop, unroll_the_loop),
    "forward_calculator": (figures.forward_calculator, forget_the_push),
    "gate_explorer": (lambda: figures.gate_explorer("lstm", "zigzag"), hold_the_forget_gate),
    "gate_explorer, GRU": (lambda: figures.gate_explorer("gru"), hold_the_update_gate),
    "gradient_flow": (figures.gradient_flow, turn_up_the_scale),
    "gradient_roads": (figures.gradient_roads, cut_the_belt),
    "gradient_roads, RNN": (lambda: figures.gradient_roads("rnn"), cut_the_only_path),
    "gradient_walk": (lambda: figures.gradient_walk(1.0), walk_linear),
    "matching_game": (figures.matching_game, put_translation_on_aligned),
    "matching_game, harder": (lambda: figures.matching_game(True), put_the_program_on_aligned),
    "memory_and_time": (costs, double_the_length),
    "news": (figures.news, swap_dog_and_man),
    "topologies": (figures.topologies, begin_like_two),
    "unrolled_network": (figures.unrolled_network, type_another_order),
    "word_order": (figures.word_order, press_a_word),
    "writer": (figures.writer, move_the_temperature),
}


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_a_figure_shows_what_its_note_promises(stage, name):
    make, do = EXPERIMENTS[name]
    page = stage(make())
    assert page.locator(".rnn-note", has_text="you should see").count() == 1
    do(page)


def test_every_figure_states_an_experiment():
    kinds = {kind.name for kind in figures.Figure.__subclasses__()} - {"quiz"}
    assert {name.partition(",")[0] for name in EXPERIMENTS} == kinds
