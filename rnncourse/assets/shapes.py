"""Train the five small networks of chapter 8's figure: `python -m rnncourse.assets.shapes`.

Five shapes of task about the ten digits, a vanilla cell of 8 units in each (two in the last):

one to one      the picture of a digit, 64 grey levels at once → which digit
one to many     the picture → its name, letter by letter; each letter is fed back
many to one     the picture row by row, top to bottom → which digit, after the last row
aligned         the letters of the name → a sound for each letter, read in one direction
seq2seq         the letters of the name → the French name, after the last letter

Pictures: scikit-learn's digits, every fifth held out. The names are ten, and all were learned:
of these two networks nothing new can be asked. The sounds are the CMU dictionary's, as the
package g2p writes and aligns them; where it joins letters ("th"), the first has the sound.
"""

from __future__ import annotations

import numpy as np

from rnncourse import assets
from rnncourse.cells import Adam, RNNCell, softmax, unroll, unroll_backward
from rnncourse.data.digits import DIGIT_WORDS as NAMES
from rnncourse.data.digits import load_digits

SOUNDS = [
    "z ɪ ɹ oʊ", "wʌ n –", "t – u", "θ – ɹ – i", "f ɔ – ɹ", "f aɪ v –", "s ɪ ks",
    "s ɛ v ʌ n", "– eɪ – – t", "n aɪ n –",
]  # fmt: skip
FRENCH = ["zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf"]
END, SILENT, HIDDEN, SEED = "■", "–", 8, 0
LETTERS = [*sorted(set("".join(NAMES))), END]
FRENCH_LETTERS = [*sorted(set("".join(FRENCH))), END]
ALL_SOUNDS = sorted(set(" ".join(SOUNDS).split()))
DIGITS = [str(n) for n in range(10)]
STEPS = {"one to one": 3000, "one to many": 4000, "many to one": 5000, "aligned": 1500,
         "seq2seq": 3000}  # fmt: skip


def pictures():
    """(pixels (N, 64) from 0 to 1, digits (N,)) to learn from, and the same held out."""
    pictures, digits = load_digits()
    pixels, test = pictures.reshape(-1, 64).astype(float), np.arange(len(pictures)) % 5 == 0
    return (pixels[~test], digits[~test]), (pixels[test], digits[test])


def hot(tokens, known):
    """(T, V): a row for each token, all zeros for None."""
    rows = np.zeros((len(tokens), len(known)))
    for row, token in zip(rows, tokens, strict=True):
        if token is not None:
            row[known.index(token)] = 1
    return rows


def padded(rows):
    """Lists of rows (T_b, D) → (T, B, D), zeros at the end."""
    batch = np.zeros((max(map(len, rows)), len(rows), rows[0].shape[1]))
    for b, row in enumerate(rows):
        batch[: len(row), b] = row
    return batch


def spelling(name, known):
    """What is said, letter by letter and the end; what is fed back at each of these steps."""
    said = [*name, END]
    return hot(said, known), hot([None, *said[:-1]], known)


def given(shape, pixels, digits):
    """Inputs x (T, B, D), or a pair for encoder and decoder, and targets y (T, B, V).

    A row of zeros in y: nothing is asked at this step.
    """
    if shape == "one to one":
        return pixels[None], np.eye(10)[digits][None]
    if shape == "many to one":
        x = pixels.reshape(-1, 8, 8).swapaxes(0, 1)
        y = np.zeros((8, len(digits), 10))
        y[-1] = np.eye(10)[digits]
        return x, y
    if shape == "aligned":
        return (
            padded([hot(NAMES[d], LETTERS) for d in digits]),
            padded([hot(SOUNDS[d].split(), ALL_SOUNDS) for d in digits]),
        )
    names, known = (NAMES, LETTERS) if shape == "one to many" else (FRENCH, FRENCH_LETTERS)
    said, fed = zip(*(spelling(names[d], known) for d in digits), strict=True)
    said, fed = padded(list(said)), padded(list(fed))
    if shape == "one to many":
        first = np.zeros((len(fed), *pixels.shape))
        first[0] = pixels
        return np.concatenate([first, fed], axis=-1), said
    words = [NAMES[d] for d in digits]  # the encoder's states after the end are not used
    return (padded([hot(word, LETTERS) for word in words]), fed), said


def train(shape):
    """The weights of one network, of two decimals; the encoder's with "E" in front."""
    rng = np.random.default_rng(SEED)
    pixels, digits = pictures()[0]
    if shape in ("aligned", "seq2seq"):
        pixels, digits = pixels[:10], np.arange(10)
    x, y = given(shape, pixels, digits)
    encoded, x = x if shape == "seq2seq" else (None, x)
    cell = RNNCell(x.shape[-1], HIDDEN, rng)
    params = dict(cell.params)
    if encoded is not None:
        encoder = RNNCell(encoded.shape[-1], HIDDEN, rng)
        params |= {f"E{name}": p for name, p in encoder.params.items()}
        ends = np.array([len(NAMES[d]) for d in digits]) - 1
    params |= {"W_hy": rng.normal(0, 0.5, (y.shape[-1], HIDDEN)), "b_y": np.zeros(y.shape[-1])}
    adam = Adam(params, 0.01)
    for step in range(STEPS[shape]):
        rows = rng.integers(len(digits), size=100) if len(digits) > 10 else np.arange(10)
        start = None
        if encoded is not None:
            read, _, remembered = unroll(encoder, encoded)
            start = read[ends, rows]
        h, _, caches = unroll(cell, x[:, rows], start)
        p = softmax(h @ params["W_hy"].T + params["b_y"])  # (T, B, V)
        asked = y[:, rows].sum(-1, keepdims=True)
        dz = (p - y[:, rows]) * asked / asked.sum()
        _, dstart, grads = unroll_backward(cell, dz @ params["W_hy"], caches)
        grads |= {"W_hy": np.einsum("tbv,tbh->vh", dz, h), "b_y": dz.sum((0, 1))}
        if encoded is not None:
            back = np.zeros_like(read)
            back[ends, rows] = dstart
            _, _, found = unroll_backward(encoder, back, remembered)
            grads |= {f"E{name}": grad for name, grad in found.items()}
        adam.lr = 0.01 * (1 - step / STEPS[shape])
        adam.step(grads)
    return {name: p.round(2) + 0.0 for name, p in params.items()}


def network(weights, letter=""):
    """The cell with these weights; letter "E" for the encoder's."""
    W_xh = np.array(weights[f"{letter}W_xh"])
    cell = RNNCell(W_xh.shape[1], len(W_xh))
    cell.params = {name: np.array(weights[f"{letter}{name}"]) for name in cell.params}
    return cell


def follow(shape, weights, pixels, digit):
    """One sequence, greedily: a list of steps {"in", "h", "out", "p"}.

    in: what comes in, a token, "picture", "row 3", or None; out and p: the likeliest token and
    its probability, None where nothing is asked.
    """
    cell, steps, state = network(weights), [], None
    W_hy, b_y = np.array(weights["W_hy"]), np.array(weights["b_y"])

    def take(cell, x_t, state, says, known=None):
        state, _ = cell.step(x_t[None], cell.initial_state(1) if state is None else state)
        p = softmax(state @ W_hy.T + b_y)[0] if known else None
        out = known[int(p.argmax())] if known else None
        steps.append({"in": says, "h": state[0], "out": out, "p": p.max() if known else None})
        return state

    if shape == "one to one":
        take(cell, pixels, state, "picture", DIGITS)
    elif shape == "many to one":
        for t, row in enumerate(pixels.reshape(8, 8)):
            state = take(cell, row, state, f"row {t + 1}", DIGITS if t == 7 else None)
    elif shape == "aligned":
        for letter in NAMES[digit]:
            state = take(cell, hot([letter], LETTERS)[0], state, letter, ALL_SOUNDS)
    else:
        known = LETTERS if shape == "one to many" else FRENCH_LETTERS
        first = [pixels] if shape == "one to many" else []
        says = "picture" if first else None
        if shape == "seq2seq":
            for letter in NAMES[digit]:
                state = take(network(weights, "E"), hot([letter], LETTERS)[0], state, letter)
        fed = None
        while fed != END and len(steps) < 14:
            x_t = np.concatenate([*first, hot([fed], known)[0]])
            state = take(cell, x_t, state, fed or says, known)
            fed, first = steps[-1]["out"], [0 * pixel for pixel in first]
    return steps


def said(steps):
    """What a run put out, as one string."""
    return "".join(step["out"] for step in steps if step["out"]).removesuffix(END)


def right(shape, weights):
    """(number said right, of how many): held-out pictures, or the ten names."""
    pixels, digits = pictures()[1]
    if shape in ("aligned", "seq2seq"):
        digits = range(10)
    wanted = {
        "one to many": NAMES, "seq2seq": FRENCH,
        "aligned": ["".join(sounds.split()) for sounds in SOUNDS],
    }.get(shape, DIGITS)  # fmt: skip
    runs = (follow(shape, weights, pixels[n], d) for n, d in enumerate(digits))
    found = [said(run) == wanted[d] for run, d in zip(runs, digits, strict=True)]
    return sum(found), len(found)


def main() -> None:
    networks = {shape: train(shape) for shape in STEPS}
    pixels, digits = pictures()[1]
    shown = [int(np.flatnonzero(digits == d)[1]) for d in range(10)]
    content = {
        "made by": "python -m rnncourse.assets.shapes",
        "right": {shape: right(shape, weights) for shape, weights in networks.items()},
        "shown": shown,  # of the held-out pictures, one a digit
        "pictures": [(16 * pixels[n]).astype(int).tolist() for n in shown],
    }
    weights = {
        shape: {name: p.tolist() for name, p in found.items()} for shape, found in networks.items()
    }
    assets.save("shapes", {**content, "networks": weights})


if __name__ == "__main__":
    main()
