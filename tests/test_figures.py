"""The figures without a browser: palette, stable output, state, what imports what."""

import importlib
import importlib.util
import inspect
import itertools
import json
import re
import subprocess
import sys
import textwrap
from html import unescape

import numpy as np
import pytest
import torch

import rnncourse.figures as figures
from rnncourse import assets, decoding, experiments, quizzes
from rnncourse.assets import hamlet, readers, shapes
from rnncourse.assets import news as made_news
from rnncourse.batching import Vocabulary
from rnncourse.cells import gradient_lengths, rnn_step, softmax
from rnncourse.figures import base, palette
from rnncourse.figures.matching_game import HARDER, SHAPES, TASKS
from rnncourse.figures.quiz import Quiz

topologies = importlib.import_module("rnncourse.figures.topologies")
cell_diagram = importlib.import_module("rnncourse.figures.cell_diagram")  # the name is a function
both_ways = importlib.import_module("rnncourse.figures.both_ways")
writer = importlib.import_module("rnncourse.figures.writer")
SUBCLASSES = {kind.name: kind for kind in figures.Figure.__subclasses__()}
MAKERS = {name: getattr(figures, name) for name in SUBCLASSES if name != Quiz.name}
MAKERS[Quiz.name] = lambda: quizzes.quiz(1)
MAKERS["memory_and_time"] = lambda: figures.memory_and_time(
    experiments.load(experiments.results("lengths"))["rows"]
)
MAKERS["draw_curve"] = lambda: figures.draw_curve(
    [0, 5, 10, 20], [100, 99.9, 51.1, 24.7], labels=("words ago", "named, %"), ends=(0, 100)
)


# ---- the palette ------------------------------------------------------------------------


def linear(hex_color):
    """sRGB as linear light (3,)."""
    c = np.array([int(hex_color[k : k + 2], 16) for k in (1, 3, 5)]) / 255
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def contrast(one, other):
    dark, light = sorted(linear(c) @ [0.2126, 0.7152, 0.0722] for c in (one, other))
    return (light + 0.05) / (dark + 0.05)


# Machado, Oliveira and Fernandes (2009), severity 1, on linear light
VISION = {
    "normal": np.eye(3),
    "protan": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
    "deutan": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
}


def lab(light):
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = to_xyz @ np.clip(light, 0, 1) / [0.9505, 1, 1.089]
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("group", [palette.QUANTITIES, palette.GATES, palette.MODELS])
def test_roles_of_a_group_are_told_apart_also_without_red_and_green(group):
    for one, other in itertools.combinations(group.values(), 2):
        if one.color == other.color:  # a GRU gate that does what an LSTM gate does
            continue
        for vision in VISION.values():
            seen = [lab(np.array(vision) @ linear(role.color)) for role in (one, other)]
            assert np.linalg.norm(seen[0] - seen[1]) > 16, (one, other)
        assert one.linestyle != other.linestyle
        assert one.marker != other.marker


def test_gates_are_told_apart_from_what_they_stand_beside():
    beside = [palette.QUANTITIES[name] for name in ("input", "state", "cell")]
    for one, other in itertools.product(palette.GATES.values(), beside):
        for vision in VISION.values():
            seen = [lab(np.array(vision) @ linear(role.color)) for role in (one, other)]
            assert np.linalg.norm(seen[0] - seen[1]) > 16, (one, other)


def test_a_model_is_not_taken_for_a_quantity_or_a_gate():
    roles = [*palette.QUANTITIES.values(), *palette.GATES.values()]
    for one, other in itertools.product(palette.MODELS.values(), roles):
        for vision in VISION.values():
            seen = [lab(np.array(vision) @ linear(role.color)) for role in (one, other)]
            assert np.linalg.norm(seen[0] - seen[1]) > 13, (one, other)


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5])
def test_a_scale_grows_darker_and_takes_no_role(n):
    shades = palette.scale(n)
    assert len(shades) == n
    light = [lab(linear(shade.color))[0] for shade in shades]
    assert all(a - b > 9 for a, b in itertools.pairwise(light))
    assert not {shade.color for shade in shades} & {role.color for role in palette.roles.values()}
    for shade in shades:
        assert contrast(shade.color, "#FFFFFF") >= 3
        assert contrast(palette.inverted(shade.color), "#14181E") >= 3
    assert len({shade.linestyle for shade in shades}) == n


def test_a_scale_has_five_shades_at_most():
    with pytest.raises(ValueError, match="1 to 5 shades, not 6"):
        palette.scale(6)


def test_a_line_has_the_same_dashes_in_plots_and_pages():
    sheet = palette.css()
    assert "--rnn-dash-state: none;" in sheet
    assert "--rnn-dash-input: 10 4;" in sheet
    assert "--rnn-dash-lstm: 12.8 3.2 2 3.2;" in sheet
    assert "--rnn-dash-gate-o: 2 2.4;" in sheet


@pytest.mark.parametrize("role", palette.roles)
def test_every_role_is_readable_on_light_and_dark_ground(role):
    color = palette.color(role)
    assert contrast(color, "#FFFFFF") >= 3
    assert contrast(palette.inverted(color), "#14181E") >= 3


def test_an_unknown_role_is_named():
    with pytest.raises(KeyError, match="there is no role 'red'"):
        palette.color("red")


def test_static_plots_are_transparent():
    import matplotlib as mpl

    with mpl.rc_context():
        figures.use_style()
        assert mpl.rcParams["axes.facecolor"] == mpl.rcParams["figure.facecolor"] == "none"


# ---- what every figure that moves must do ------------------------------------------------


def bundle(name):
    return MAKERS[name]()._repr_mimebundle_()[0]


@pytest.mark.parametrize("name", SUBCLASSES)
def test_a_figure_brings_widget_page_and_words(name):
    data = bundle(name)
    assert set(data) == {base.WIDGET_VIEW, "text/html", "text/plain"}
    assert len(data["text/plain"]) > 60  # an alternative text, not a name
    assert f'data-figure="{name}"' in data["text/html"]
    assert unescape(data["text/html"]).count(data["text/plain"]) == 1
    stands_there = "<ol>" if name == Quiz.name else "<table>"  # without JavaScript
    assert stands_there in data["text/html"]


@pytest.mark.parametrize("name", SUBCLASSES)
def test_stored_output_is_the_same_each_time(name):
    one, other = bundle(name), bundle(name)
    assert one["text/html"] == other["text/html"]
    assert one["text/plain"] == other["text/plain"]
    assert "-0.0," not in unescape(one["text/html"])  # platforms may differ in zero's sign


@pytest.mark.parametrize("name", SUBCLASSES)
def test_state_survives_json(name):
    figure = MAKERS[name]()
    state = re.search(r'data-state="([^"]*)"', figure.static_html())[1]
    assert json.loads(unescape(state)) == figure.state() != {}


@pytest.mark.parametrize("name", SUBCLASSES)
def test_the_script_can_be_made_classic(name):
    module = base.source(name)
    assert module.rstrip().endswith("export default { render };")
    assert not re.search(r"^\s*import\b", module, re.MULTILINE)


@pytest.mark.parametrize("name", SUBCLASSES)
def test_colours_come_from_the_palette(name):
    own = (base.JS_FOLDER / f"{name}.js").read_text(encoding="utf-8")
    assert not re.findall(r"#[0-9a-fA-F]{6}\b|rgb\(", own)


def test_numbers_print_as_the_scripts_print_them():
    assert base.number(-0.004) == "0.00"
    assert base.number(-1.5, 1) == "\N{MINUS SIGN}1.5"
    assert base.number(2.25, 1) == "2.3"  # as toFixed does, and not to the even digit
    assert base.number(-14.5, 0) == "\N{MINUS SIGN}15"


def test_importing_figures_is_light():
    code = (
        "import sys, rnncourse.figures; heavy = {'torch', 'matplotlib', 'pandas', 'scipy'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


# ---- single figures against the cells ----------------------------------------------------


def test_unrolled_network_runs_the_cell():
    figure = figures.unrolled_network("The cat, the dog.")
    W_xh, W_hh, b_h = (np.array(getattr(figure, name)) for name in ("W_xh", "W_hh", "b_h"))
    states = figure.states()
    assert states.shape == (5, 4)
    np.testing.assert_allclose(states[1], np.tanh(W_xh[:, 0] + b_h))  # "the" from zeros
    np.testing.assert_allclose(states[4], np.tanh(W_hh @ states[3] + b_h))  # "dog" is unseen


def test_unrolled_network_takes_the_weights_of_a_cell():
    params = {"W_xh": np.ones((2, 3)), "W_hh": np.zeros((2, 2)), "b_h": np.array([0.0, -1.0])}
    states = figures.unrolled_network("cat", params=params).states()
    np.testing.assert_allclose(states[1], np.tanh([1.0, 0.0]))


@pytest.mark.parametrize("activation", ["tanh", "relu", "logistic", "linear"])
def test_forward_calculator_runs_the_cell(activation):
    figure = figures.forward_calculator(activation, "push and pull")
    passed = figure.forward()
    assert passed["a"].shape == passed["h"].shape == (6, 2)
    np.testing.assert_allclose(passed["y"].sum(axis=1), 1)
    weights = [np.array(getattr(figure, name)) for name in ("W_xh", "W_hh", "b_h")]
    name = {"logistic": "sigmoid", "linear": "identity"}.get(activation, activation)
    step = rnn_step(np.array([0.0]), passed["h"][0], *weights, name)
    np.testing.assert_allclose(passed["h"][1], step)
    logits = step @ np.array(figure.W_hy).T + figure.b_y
    np.testing.assert_allclose(passed["y"][1], softmax(logits))


# ---- the diagrams of the cells ---------------------------------------------------------------


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_the_lines_of_code_are_those_of_the_cell(cell):
    figure = figures.cell_diagram(cell)
    source = textwrap.dedent(inspect.getsource(cell_diagram.STEPS[cell]))
    assert textwrap.indent("\n".join(figure.code), "    ") in source
    for part, (line, start, end) in figure.marks.items():
        text = cell_diagram.PARTS[cell][part][2]
        meant = re.search("⟨(.*)⟩", text)
        assert figure.code[line][start:end] == (meant[1] if meant else text)


def test_a_step_that_was_rewritten_is_noticed(monkeypatch):
    monkeypatch.setitem(cell_diagram.STEPS, "lstm", cell_diagram.STEPS["gru"])
    with pytest.raises(LookupError, match=r"stands in 0 lines of the lstm step.*mend PARTS"):
        figures.cell_diagram("lstm")


@pytest.mark.parametrize("x", [-1.0, -0.3, 0.6, 1.0])
@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_every_number_of_a_diagram_fits_its_bar(cell, x):
    values = figures.cell_diagram(cell, x).values()
    states = {"h", "c", "i", "f", "g", "o", "r", "z", "n"} & set(values)
    assert all(abs(values[name]) <= 1 for name in states)


def test_both_conventions_of_the_update_gate_give_one_state():
    keeps, updates = (figures.cell_diagram("gru", keeps=keeps) for keeps in (True, False))
    assert updates.values()["z"] == 1 - keeps.values()["z"]
    assert updates.values()["h"] == keeps.values()["h"]
    assert "<td>z ⊙ n</td>" in updates.fallback()


def test_a_diagram_of_something_else_is_refused():
    with pytest.raises(ValueError, match="no diagram of 'elman'; choose one of rnn, lstm, gru"):
        figures.cell_diagram("elman")
    with pytest.raises(ValueError, match="'rnn' has no part 'f'"):
        figures.cell_diagram("rnn", part="f")


def test_the_loop_has_the_weights_of_the_unrolled_network():
    loop, network = figures.folded_loop(), figures.unrolled_network()
    np.testing.assert_array_equal(loop.states(), network.states())
    with pytest.raises(ValueError, match="'the' has 1 words; the loop unrolls 2 to 4"):
        figures.folded_loop("the")


@pytest.mark.parametrize("cut", [[], ["belt"], ["g"], ["i", "f", "o"], ["belt", "g", "i"]])
@pytest.mark.parametrize(("scale", "bias"), [(1.0, 1.0), (2.5, 3.0)])
def test_the_gradient_takes_the_roads_that_autograd_takes(cut, scale, bias):
    import torch

    figure = figures.gradient_roads(cut=cut, scale=scale, bias=bias)
    params = figure._cell().params
    W_xh, W_hh, b_h = (torch.tensor(params[name]) for name in ("W_xh", "W_hh", "b_h"))
    h = c = torch.zeros(4, dtype=torch.float64)
    for t, x_t in enumerate(figure.x):
        if t == 1:  # the state of step 1, as two leaves
            h, c = leaves = [part.detach().requires_grad_() for part in (h, c)]
        past = {gate: h.detach() if gate in cut else h for gate in "ifgo"}
        rows = zip("ifgo", W_xh.split(4), W_hh.split(4), b_h.split(4), strict=True)
        a = {n: w_x[:, 0] * x_t + w_h @ past[n] + b for n, w_x, w_h, b in rows}
        i, f, o = (torch.sigmoid(a[gate]) for gate in "ifo")
        c = f * (c.detach() if "belt" in cut else c) + i * torch.tanh(a["g"])
        h = o * torch.tanh(c)
    h.sum().div(2).backward()
    arrived = [part.grad for part in leaves if part.grad is not None]
    length = torch.cat(arrived).norm().item() if arrived else 0
    assert figure.walk()[-1]["length"] == pytest.approx(length, rel=1e-12)


@pytest.mark.parametrize("cell", ["rnn", "lstm"])
def test_all_roads_together_are_the_way_back_of_the_package(cell):
    figure = figures.gradient_roads(cell, scale=1.7)
    made, start = figure._cell(), np.full(4, 0.5)
    x = np.array(figure.x)[:, None]
    lengths = gradient_lengths(made, x, (start, 0 * start) if cell == "lstm" else start)
    found = [step["length"] for step in figure.walk()]
    np.testing.assert_allclose(found, lengths[:3], 1e-12)


def test_a_road_that_is_not_there_cannot_be_cut():
    with pytest.raises(ValueError, match="the roads there are"):
        figures.gradient_roads("rnn", cut=["belt"])


# ---- the trained network of the welcome page -----------------------------------------------


def test_the_trained_network_is_right_on_every_sentence_it_names():
    stored = assets.load("news")
    assert stored["news"] == {" ".join(w): made_news.is_news(*w) for w in made_news.sentences()}
    for words, is_news in stored["news"].items():
        _, says = figures.news(words).read(words.split())
        assert (says[-1] > 0.9) if is_news else (says[-1] < 0.1), words
        assert max(says[1:-1]) < 0.1, words  # no news before the sentence is over


def test_training_it_again_gives_the_stored_network():
    stored = assets.load("news")
    for name, values in made_news.train().items():
        np.testing.assert_allclose(values, stored[name], atol=0.011)


def test_training_the_readers_again_gives_the_stored_ones():
    stored, (learned, unseen) = assets.load("readers"), readers.corpus()
    for kind in readers.KINDS:
        params = readers.train(kind)
        for name, values in params.items():
            np.testing.assert_allclose(values, stored[kind][name], atol=0.011)
        scores = stored["right"][kind]
        assert readers.right(kind, stored[kind], learned) == scores["train"][0]
        assert readers.right(kind, stored[kind], unseen) == scores["test"][0]


def test_no_sentence_of_the_test_was_learned():
    learned, unseen = readers.corpus()
    assert (len(learned), len(unseen)) == (90, 18)
    assert not {words for words, _ in learned} & {words for words, _ in unseen}
    assert all(made_news.is_news(*(w for w in s if w != "today")) == n for s, n in learned + unseen)


def test_a_bag_gives_one_answer_to_both_orders():
    for words in (" ".join(said) for said in made_news.sentences()):
        for place in ("", "first", "last"):
            (_, here), (_, there) = figures.bag_window_recurrent(words, place).answers()["bag"]
            assert here == there


def test_the_readers_take_only_words_they_know():
    with pytest.raises(ValueError, match="'cat bites cat' must be noun verb noun"):
        figures.bag_window_recurrent("cat bites cat")


def test_the_networks_of_the_shapes_answer_as_stored():
    stored = assets.load("shapes")
    for shape, weights in stored["networks"].items():
        assert list(shapes.right(shape, weights)) == stored["right"][shape]
    assert stored["right"]["aligned"] == [9, 10]  # two and three begin alike, one of them is lost


@pytest.mark.parametrize("shape", ["aligned", "seq2seq"])
def test_training_a_shape_again_gives_the_stored_network(shape):
    for name, values in shapes.train(shape).items():
        stored = assets.load("shapes")["networks"][shape]
        np.testing.assert_allclose(values, stored[name], atol=0.011)


def test_the_arrays_named_in_the_shapes_are_those_of_the_networks():
    for shape, weights in assets.load("shapes")["networks"].items():
        V, H = np.shape(weights["W_hy"])
        assert H == shapes.HIDDEN
        named = topologies.SHAPES[shape][1]
        assert f"V = {V})" in named
        D = np.shape(weights.get("EW_xh", weights["W_xh"]))[1]
        assert f"D = {D - V if shape == 'one to many' else D})" in named


def test_no_shape_of_another_name():
    with pytest.raises(ValueError, match="no shape 'many to none'; choose one of one to one, one"):
        figures.topologies("many to none")
    with pytest.raises(ValueError, match="10 is not a digit"):
        figures.topologies(digit=10)


def test_what_opens_chapter_3_is_what_its_script_trains():
    stored, texts = assets.load("hamlet"), hamlet.texts()
    vocabulary = Vocabulary(texts["read"], specials=())
    assert "".join(vocabulary.tokens) == stored["characters"]
    weights = {name: assets.unpack(one) for name, one in stored["weights"].items()}
    code = vocabulary.encode(texts["hamlet"][:20_000])
    assert hamlet.nats(weights, code) == pytest.approx(stored["nats"], abs=1e-5)
    trained = hamlet.train(texts["read"], vocabulary)
    assert hamlet.nats(trained, code) == pytest.approx(stored["nats"], abs=0.02)
    assert texts["hamlet"][:20_000] not in texts["read"]


def test_a_game_has_a_reason_for_every_match():
    assert len({task.asks for task in TASKS + HARDER}) == 10 + 10
    for tasks in (TASKS, HARDER):
        assert {task.shape for task in tasks} == set(SHAPES)
    for task in TASKS + HARDER:
        reasons = {shape: task.feedback(shape) for shape in SHAPES}
        assert all(reason.endswith(".") for reason in reasons.values())
        assert task.into in reasons[task.shape]


def test_an_asset_that_was_changed_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(assets, "FOLDER", tmp_path)
    assets.save("news", {"answer": 42})
    assert assets.load("news") == {"answer": 42}
    (tmp_path / "news.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ValueError, match=r"make it anew: python -m rnncourse\.assets\.news"):
        assets.load("news")


@pytest.mark.parametrize(("x", "y", "ends", "log", "says"), [
    ([1, 2], [1], (0, 2), False, "as many are needed"), ([1, 2], [1, 3], (0, 2), False, "beyond"),
    ([1, 2], [1, 1], (0, 2), True, "cannot begin at 0"),
])  # fmt: skip
def test_draw_curve_refuses_what_it_cannot_draw(x, y, ends, log, says):
    with pytest.raises(ValueError, match=says):
        figures.draw_curve(x, y, labels=("x", "y"), ends=ends, log=log)


def test_draw_curve_does_not_tell_the_outcome_before_it_is_drawn():
    figure = MAKERS["draw_curve"]()
    assert "51.1" not in figure.describe()
    assert "51.1" in figure.fallback()


def test_news_takes_only_sentences_it_was_trained_on():
    with pytest.raises(ValueError, match="'man bites man' must be noun verb noun"):
        figures.news("man bites man")


def test_unrolled_network_describes_both_orders():
    figure = figures.unrolled_network("the cat sat", other="sat cat the")
    for words in ("the cat sat", "sat cat the"):
        numbers = ", ".join(base.number(v) for v in figure.states(words)[-1])
        assert f"({numbers})" in figure.describe()


def test_the_site_extension_is_importable_without_sphinx_running():
    path = base.JS_FOLDER.parents[2] / "book/_site/rnncourse_site.py"
    spec = importlib.util.spec_from_file_location("rnncourse_site", path)
    site = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(site)
    for name, text in site.own_files().items():
        assert "export default" not in text, name


@pytest.mark.parametrize("packed", [True, False])
def test_both_ways_runs_what_a_layer_of_torch_runs(packed):
    figure = figures.both_ways("mate", layers=2, packed=packed)
    T = 4 if packed else 4 + both_ways.PADDING
    layer = torch.nn.RNN(1, 1, 2, bidirectional=True).double()
    with torch.no_grad():
        for number, ways in enumerate(figure.weights):
            for (first, second, w, b), end in zip(ways, ("", "_reverse"), strict=True):
                place = f"_l{number}{end}"
                layer.get_parameter(f"weight_ih{place}")[:] = torch.tensor(
                    [first, second][: 1 + number], dtype=torch.float64
                )
                layer.get_parameter(f"weight_hh{place}").fill_(w)
                layer.get_parameter(f"bias_ih{place}").fill_(b)
                layer.get_parameter(f"bias_hh{place}").zero_()
        x = torch.zeros(T, 1, dtype=torch.float64)
        x[:4, 0] = torch.from_numpy((np.array([ord(c) for c in "mate"]) - ord("a") - 12.5) / 12.5)
        y, _ = layer(x)
    np.testing.assert_allclose(figure.states()[1][:, :T].T, y.numpy(), atol=1e-12)
    assert np.isnan(figure.states()[:, :, T:]).all()


def test_both_ways_reads_letters_alone_and_draws_two_layers():
    figure = figures.both_ways("Ma-te, please!")
    assert figure.letters() == "matepl"
    assert "hears m, a, t, e, p, l" in figure.describe()
    with pytest.raises(ValueError, match="layers is 3"):
        figures.both_ways(layers=3)


@pytest.mark.parametrize("keep", writer.KEEPS)
@pytest.mark.parametrize("temperature", [0.1, 0.7, 2.0])
def test_the_writer_draws_from_what_decoding_draws_from(keep, temperature):
    logits = np.round(3 * np.random.default_rng(1).standard_normal((20, 30)))  # with ties
    cut = {"all": {}, "5": {"top_k": 5}, "0.9": {"top_p": 0.9}}[keep]
    there = decoding.next_distribution(torch.tensor(logits), temperature=temperature, **cut)
    here = [writer.drawn_from(row, temperature, keep) for row in logits]
    np.testing.assert_allclose(here, there.numpy(), atol=1e-12)


def test_the_dice_of_the_writer_are_fair():
    toss = writer.dice(3)
    drawn = np.array([next(toss) for _ in range(20_000)])
    counts = np.histogram(drawn, bins=10, range=(0, 1))[0]
    assert abs(counts - 2000).max() < 5 * np.sqrt(2000)
    assert abs(np.corrcoef(drawn[1:], drawn[:-1])[0, 1]) < 0.03


def test_the_writer_takes_what_the_network_knows():
    figure = figures.writer("É#ROMEO:/Oh", draw=9)
    assert figure.typed() == "ROMEO:\nOh"
    text, states, logits = figure.write()
    assert len(text) == len(states) == len(logits) == len("ROMEO:\nOh") + writer.LENGTH
    assert figures.writer("#").typed() == "\n"
    with pytest.raises(ValueError, match="but the slider goes from"):
        figures.writer(temperature=0)
    with pytest.raises(ValueError, match="there is no unit 5000"):
        figures.writer(unit=5000)


def test_correlations_are_those_of_numpy():
    text, states, _ = figures.writer().write()
    values = writer.feature("line", text)
    assert values[text.index("\n")] == 0
    found = writer.correlations(states, values)
    expected = [np.corrcoef(states[:, k], values)[0, 1] for k in range(states.shape[1])]
    np.testing.assert_allclose(found, expected, atol=1e-9)
