"""Chapter 3, the forward pass: a step, its loss and cost, a latch, a checkpoint, a dream."""

from __future__ import annotations

import numpy as np

from rnncourse.bank import Misconception, Question, variant
from rnncourse.cells import cross_entropy, log_softmax, sigmoid, softmax


def draw_cell(rng, D, H):
    """W_xh, W_hh, b_h of a cell whose states are neither tiny nor all at the ends."""
    return (
        rng.normal(size=(H, D)) / np.sqrt(D),
        rng.normal(size=(H, H)) / np.sqrt(H),
        0.5 * rng.normal(size=H),
    )


# --- rnn_step ----------------------------------------------------------------------------------


def step_inputs(rng):
    B, D, H = (int(size) for size in rng.permutation([2, 3, 4, 5, 6])[:3])
    return rng.normal(size=(B, D)), rng.uniform(-1, 1, (B, H)), *draw_cell(rng, D, H)


def rnn_step(x_t, h_prev, W_xh, W_hh, b_h, *, activation=np.tanh):
    return activation(x_t @ W_xh.T + h_prev @ W_hh.T + b_h)


RNN_STEP = Question(
    name="rnn_step",
    points=2,
    section="2 · Columns in formulas, rows in code",
    reference=rnn_step,
    inputs=step_inputs,
    misconceptions=(
        Misconception(
            "bias forgotten",
            lambda *case: rnn_step(*case[:-1], 0),
            "Which of the five arguments has no influence on your result?",
            "With x_t = 0 and h_prev = 0 the step must still give tanh(b_h).",
            "The bias is missing: b_h is added inside the tanh.",
        ),
        Misconception(
            "W_hh transposed",
            lambda x_t, h_prev, W_xh, W_hh, b_h: rnn_step(x_t, h_prev, W_xh, W_hh.T, b_h),
            "Every shape fits. Which matrix would fit the wrong way round as well?",
            "Let one sequence have h_prev = [1, 0]. Then W_hh contributes its first *column*.",
            "You use h_prev @ W_hh. With one sequence in each row it is h_prev @ W_hh.T.",
        ),
        Misconception(
            "tanh missing",
            variant(rnn_step, activation=lambda a: a),
            "Look at the largest number of your result.",
            "A state lies between −1 and 1. With large inputs yours does not.",
            "You return the sum. It still has to go through the activation.",
        ),
        Misconception(
            "only the diagonal of W_hh",
            lambda x_t, h_prev, W_xh, W_hh, b_h: np.tanh(
                x_t @ W_xh.T + h_prev * np.diag(W_hh) + b_h
            ),
            "Which units does a unit listen to in your version?",
            "With h_prev = [0, 1], unit 0 still hears something: W_hh[0, 1].",
            "You multiply entry by entry (*). The state meets W_hh in a matrix product (@).",
        ),
        Misconception(
            "the old state ignored",
            lambda x_t, h_prev, *weights: rnn_step(x_t, 0 * h_prev, *weights),
            "Which of the five arguments has no influence on your result?",
            "The same x_t after two different pasts must give two different states.",
            "The term with h_prev is missing, so this network has no memory.",
        ),
        Misconception(
            "the bias outside the tanh",
            lambda *case: rnn_step(*case[:-1], 0) + case[-1],
            "Look at the largest number of your result.",
            "With x_t = 0, h_prev = 0 and b_h = 3 the state is tanh(3), not 3.",
            "You add b_h after the tanh. It belongs to the sum inside.",
        ),
        Misconception(
            "the logistic function for tanh",
            variant(rnn_step, activation=sigmoid),
            "Look at the smallest number of your result.",
            "A sum of zero must give a state of zero. Yours gives 0.5.",
            "You use the logistic function, which lies between 0 and 1. A vanilla RNN uses tanh.",
        ),
        Misconception(
            "a tanh for each part",
            lambda x_t, h_prev, W_xh, W_hh, b_h: (
                np.tanh(x_t @ W_xh.T) + np.tanh(h_prev @ W_hh.T) + b_h
            ),
            "Look at the largest number of your result. How many tanh stand in the formula?",
            "tanh(1) + tanh(1) is 1.52, but tanh(1 + 1) is 0.96.",
            "You squash each term and then add. Add all terms first; one tanh goes around the sum.",
        ),
        Misconception(
            "added to the old state",
            lambda x_t, h_prev, *weights: h_prev + rnn_step(x_t, h_prev, *weights),
            "Look at the largest number of your result.",
            "A state of this network can never leave −1 … 1. With h_prev = 0.9 yours can.",
            "You add tanh(…) to h_prev. In this cell the new state replaces the old one.",
        ),
    ),
)

# --- rnn_forward -------------------------------------------------------------------------------


def forward_inputs(rng):
    T, B, D, H, V = (int(size) for size in rng.permutation([2, 3, 4, 5, 6]))
    h_0 = rng.uniform(-1, 1, (B, H))
    W_hy, b_y = rng.normal(size=(V, H)), rng.normal(size=V)
    return rng.normal(size=(T, B, D)), h_0, *draw_cell(rng, D, H), W_hy, b_y


def states_of(x, h, W_xh, W_hh, b_h):
    """All states of a sequence, h_0 first: x (T, B, D), h (B, H) → (T + 1, B, H)."""
    states = [h]
    for x_t in x:
        states.append(rnn_step(x_t, states[-1], W_xh, W_hh, b_h))
    return np.stack(states)


def rnn_forward(x, h_0, W_xh, W_hh, b_h, W_hy, b_y, *, seen=slice(1, None), output=softmax):
    return output(states_of(x, h_0, W_xh, W_hh, b_h)[seen] @ W_hy.T + b_y)


def forward_without_memory(x, h_0, W_xh, W_hh, b_h, W_hy, b_y):
    h = rnn_step(x, np.broadcast_to(h_0, (len(x), *h_0.shape)), W_xh, W_hh, b_h)
    return softmax(h @ W_hy.T + b_y)


RNN_FORWARD = Question(
    name="rnn_forward",
    points=3,
    section="3 · In NumPy, step after step",
    reference=rnn_forward,
    inputs=forward_inputs,
    uses=("rnn_step",),
    misconceptions=(
        Misconception(
            "the state is not carried",
            forward_without_memory,
            "Your first step is right. What does the second one start from?",
            "Read the same x_t twice in a row: the outputs should differ, yours do not.",
            "Every step of your loop starts from h_0. Hand on the state that the last one made.",
        ),
        Misconception(
            "starts from zeros",
            lambda x, h_0, *rest: rnn_forward(x, 0 * h_0, *rest),
            "Already the first step is off. Which state stands before it?",
            "Call it twice with two different h_0: the results must differ.",
            "You start from zeros. The start is given: h_0.",
        ),
        Misconception(
            "the output looks at the state before",
            variant(rnn_forward, seen=slice(-1)),
            "Does your first output know of the first input?",
            "With T = 1 the only output must change when x[0] changes.",
            "You compute y_t from h_{t−1}. Make the new state first, then look at it.",
        ),
        Misconception(
            "the input of the step before",
            lambda x, *rest: rnn_forward(np.concatenate([0 * x[:1], x[:-1]]), *rest),
            "Does your first output know of the first input?",
            "With T = 1 the only output must change when x[0] changes.",
            "You feed x_{t−1} at step t. Python counts from 0: the first step reads x[0].",
        ),
        Misconception(
            "no softmax",
            variant(rnn_forward, output=lambda z: z),
            "Sum your result along its last axis. What should come out?",
            "Scores [0, 0] should become [0.5, 0.5].",
            "You return the logits. Probabilities come from softmax over the last axis.",
        ),
        Misconception(
            "softmax over the batch",
            variant(rnn_forward, output=variant(softmax, axis=1)),
            "Sum your result along its last axis. What should come out?",
            "With one sequence in the batch, all your probabilities are 1.",
            "Your softmax runs over the sequences of the batch. It belongs to the V classes.",
        ),
        Misconception(
            "softmax over time",
            variant(rnn_forward, output=variant(softmax, axis=0)),
            "Sum your result along its last axis. What should come out?",
            "With a single time step, all your probabilities are 1.",
            "Your softmax runs over time. Each step has its own distribution over V classes.",
        ),
        Misconception(
            "softmax twice",
            variant(rnn_forward, output=lambda z: softmax(softmax(z))),
            "Your probabilities sum to one and are all nearly alike, however far apart the scores"
            " are. How often is softmax applied?",
            "Scores [100, 0] should become [1, 0]. What does softmax make of [1, 0]?",
            "Softmax is applied twice.",
        ),
        Misconception(
            "a tanh on the output",
            variant(rnn_forward, output=lambda z: softmax(np.tanh(z))),
            "How sure can your network be of a class? Look at the largest probability.",
            "Scores of 5 and 0 give 0.993 and 0.007. After a tanh they would give 0.73 and 0.27.",
            "You put the scores through a tanh. Between W_hy h + b_y and the softmax there is "
            "nothing.",
        ),
        Misconception(
            "one softmax for everything",
            variant(
                rnn_forward,
                output=lambda z: np.stack(
                    [softmax(step.ravel()).reshape(step.shape) for step in z]
                ),
            ),
            "Sum your result along its last axis. What should come out?",
            "Two sequences with scores [0, 0]: each has the probabilities ½, ½, not ¼, ¼.",
            "You divide by the sum over the whole batch. Each sequence has a distribution of its "
            "own: axis=-1, keepdims=True.",
        ),
    ),
)

# --- next_character_loss -----------------------------------------------------------------------


def loss_inputs(rng):
    T, B, V = int(rng.integers(4, 9)), int(rng.integers(1, 5)), int(rng.integers(3, 7))
    return 2 * rng.normal(size=(T, B, V)), rng.integers(0, V, (T, B))


def next_character_loss(z, code):
    return float(cross_entropy(z[:-1], code[1:]))


def probabilities(z, code):
    """What the guesses gave to the characters that came."""
    return np.exp(np.take_along_axis(log_softmax(z[:-1]), code[1:, ..., None], axis=-1)[..., 0])


NEXT_CHARACTER_LOSS = Question(
    name="next_character_loss",
    points=3,
    section="4 · The output: from a state to a guess",
    reference=next_character_loss,
    inputs=loss_inputs,
    misconceptions=(
        Misconception(
            "each guess is scored on the character just read",
            lambda z, code: float(cross_entropy(z, code)),
            "How many guesses can be scored? How many did you score?",
            "With T = 2 there is one guess to score: z[0], on code[1].",
            "z[t] is made after reading code[t] and is scored on code[t + 1].",
        ),
        Misconception(
            "the character before",
            lambda z, code: float(cross_entropy(z[1:], code[:-1])),
            "The number of guesses is right. Which character does each one meet?",
            "With T = 2 there is one guess to score: z[0], on code[1].",
            "You compare z[t] with code[t − 1]. The future is on the other side.",
        ),
        Misconception(
            "the last guess meets the first character",
            lambda z, code: float(cross_entropy(z, np.roll(code, -1, axis=0))),
            "How many guesses can be scored? How many did you score?",
            "With T = 2 there is one guess to score: z[0], on code[1].",
            "np.roll brings the first character round to the end. Nothing comes after the last.",
        ),
        Misconception(
            "softmax twice",
            lambda z, code: float(cross_entropy(softmax(z[:-1]), code[1:])),
            "Your loss hardly depends on how sure the scores are.",
            "Scores of [100, 0] with class 0 right should cost 0. Yours cost 0.31.",
            "Softmax is applied twice. cross_entropy has one inside.",
        ),
        Misconception(
            "bits for nats",
            lambda z, code: next_character_loss(z, code) / float(np.log(2)),
            "Your number is a constant multiple of the right one.",
            "All scores equal and V = 2: the loss is log 2 ≈ 0.69. Yours is 1.",
            "You take the logarithm to base 2, which gives bits. Asked for are nats.",
        ),
        Misconception(
            "the sum, not the mean",
            lambda z, code: next_character_loss(z, code) * code[1:].size,
            "What happens to your number if the same batch is put in twice?",
            "All scores equal and V = 2: the loss is 0.69 for any T and B.",
            "You add the losses up. Divide by the number of guesses, (T − 1)·B.",
        ),
        Misconception(
            "the logarithm of the mean",
            lambda *case: float(-np.log(probabilities(*case).mean())),
            "Too small. In which order do you take mean and logarithm?",
            "Two guesses gave 1 and 0.01 to what came: the loss is (0 + 4.6) / 2.",
            "You average probabilities and then take −log. Take −log of each one first.",
        ),
        Misconception(
            "the logarithm is missing",
            lambda *case: float(-probabilities(*case).mean()),
            "Can your loss ever be above zero?",
            "A guess that gave 0.5 to what came costs −log 0.5 ≈ 0.69.",
            "You average the probabilities themselves. Cross-entropy is the mean of −log p.",
        ),
    ),
)

# --- same_cost ---------------------------------------------------------------------------------


def cost_inputs(rng):
    """In every other case 2 H units with a look-up cost exactly as much as H with the product."""
    D, V, H = int(rng.integers(20, 200)), int(rng.integers(2, 60)), int(rng.integers(5, 100))
    return 3 * H + V if rng.random() < 0.5 else D, V, H


def same_cost(D, V, H, *, biases=0, output=1, loop=1, beyond=0, looked_up=0):
    def cost(D, H):
        return H * (D + loop * H + output * V + biases) + biases * V

    most = H
    while cost(looked_up * D, most + 1) <= cost(D, H):
        most += 1
    return [cost(D, H), cost(looked_up * D, H), most + beyond]


SAME_COST = Question(
    name="same_cost",
    points=3,
    section="7 · What a step costs",
    reference=same_cost,
    inputs=cost_inputs,
    misconceptions=(
        Misconception(
            "biases multiplied",
            variant(same_cost, biases=1),
            "A little too many. Which of your terms is a product?",
            "D = V = H = 1: h = tanh(w x + u h + b), y = v h + c. Count the products.",
            "Biases are added, not multiplied.",
        ),
        Misconception(
            "the look-up costs as much as the product",
            variant(same_cost, looked_up=1),
            "Your first two numbers are equal. What does a look-up multiply?",
            "D = 5, V = H = 1: with a look-up, two multiplications are left.",
            "Picking a column of W_xh multiplies nothing: that term is gone from the second count.",
        ),
        Misconception(
            "the output layer left out",
            variant(same_cost, output=0),
            "Does V matter in your answer?",
            "D = V = H = 1: w·x, u·h and v·h are three multiplications.",
            "You count the first line of the network only. The output has a matrix as well.",
        ),
        Misconception(
            "W_hh left out",
            variant(same_cost, loop=0),
            "Too few. How does your count grow when H doubles?",
            "D = V = H = 1: w·x, u·h and v·h are three multiplications.",
            "Every unit listens to every unit of the step before: H·H multiplications.",
        ),
        Misconception(
            "the first size that costs more",
            variant(same_cost, beyond=1),
            "Two numbers are right. Does the third keep within the first?",
            "Put your third number into the formula of the second: it must not exceed the first.",
            "Your search stops at the first size that costs more. Return the one before.",
        ),
    ),
)

# --- one_bit -------------------------------------------------------------------------------------


def bit_inputs(rng):
    return float(rng.uniform(0.3, 0.95)), float(rng.uniform(0.5, 3))


def one_bit(level, push, *, into=np.arctanh, through=np.arctanh, erase=-1.0):
    return [float(into(level) / push), float(through(level) / level), float(erase * push)]


ONE_BIT = Question(
    name="one_bit",
    points=4,
    section="5 · The activation",
    reference=one_bit,
    inputs=bit_inputs,
    misconceptions=(
        Misconception(
            "a loop weight of one",
            lambda level, push: [one_bit(level, push)[0], 1.0, one_bit(level, push)[2]],
            "Run your unit for a hundred steps without input. Does it stay?",
            "A unit at 0.9 with the loop weight 1 goes to tanh(0.9) = 0.72 in one step.",
            "The tanh shrinks the state at every step. The weight must make up for exactly that.",
        ),
        Misconception(
            "the inverse of the level",
            variant(one_bit, through=lambda level: 1.0),
            "Put your loop weight and the level into the step. What comes out?",
            "With the loop weight 1/level the sum is 1, and tanh(1) is 0.76, whatever the level.",
            "It is the tanh of the sum that must be the level, so the sum must be its arctanh.",
        ),
        Misconception(
            "the input weight without the tanh",
            variant(one_bit, into=lambda level: level),
            "Where is your unit right after the push?",
            "With the input weight 0.9 a push of 1 lands on tanh(0.9) = 0.72.",
            "It is the tanh of w_x·push that must be the level.",
        ),
        Misconception(
            "tanh where its inverse belongs",
            variant(one_bit, into=np.tanh, through=np.tanh),
            "Where is your unit right after the push?",
            "To land on 0.76 the sum has to be 1: tanh(1) = 0.76.",
            "You look for the sum whose tanh is the level. That is arctanh, not tanh.",
        ),
        Misconception(
            "the size of the push left out",
            lambda level, push: [one_bit(level, 1.0)[0], *one_bit(level, push)[1:]],
            "Where is your unit right after the push? Does its size matter in your weight?",
            "A push of 2 needs half the weight that a push of 1 needs.",
            "Your input weight is right for a push of 1. The push may have another size.",
        ),
        Misconception(
            "the level taken away to erase",
            lambda level, push: [*one_bit(level, push)[:2], -level],
            "Take your third number as input: what is the sum inside the tanh?",
            "Level 0.76, push 2: the sum to cancel is 1, and the input weight is 0.5.",
            "The input enters through w_x. What cancels the sum is not the level itself.",
        ),
        Misconception(
            "the same push to erase",
            variant(one_bit, erase=1.0),
            "Take your third number as input: what is the sum inside the tanh?",
            "To come to zero, the input must cancel what the loop adds.",
            "The sign: it has to pull against the loop.",
        ),
    ),
)

# --- match_classes -----------------------------------------------------------------------------


def checkpoint_inputs(rng):
    T, V = int(rng.integers(3, 6)), int(rng.integers(5, 9))
    D, H = (int(size) for size in rng.permutation([2, 3, 4])[:2])
    W_xh, W_hh, b_ih = draw_cell(rng, D, H)
    weights = W_xh, W_hh, b_ih, rng.normal(size=H), rng.normal(size=(V, H)), rng.normal(size=V)
    x = rng.normal(size=(T, D))
    return x, logits_of(x, *weights)[:, rng.permutation(V)], *weights


def logits_of(x, W_ih, W_hh, b_ih, b_hh, W_hy, b_y):
    h = states_of(x[:, None], np.zeros((1, len(b_ih))), W_ih, W_hh, b_ih + b_hh)[1:, 0]
    return h @ W_hy.T + b_y


def match_classes(x, z, W_ih, W_hh, b_ih, b_hh, W_hy, b_y):
    ours = logits_of(x, W_ih, W_hh, b_ih, b_hh, W_hy, b_y)
    distance = ((z[:, :, None] - ours[:, None, :]) ** 2).sum(axis=0)
    return [int(row) for row in distance.argmin(axis=1)]


MATCH_CLASSES = Question(
    name="match_classes",
    points=4,
    section="6 · The same in PyTorch",
    reference=match_classes,
    inputs=checkpoint_inputs,
    uses=("rnn_step",),
    misconceptions=(
        Misconception(
            "the permutation turned round",
            lambda *case: [int(row) for row in np.argsort(match_classes(*case))],
            "Every number is there once. Which of the two lists do you walk along?",
            "If column 0 of z is what row 2 of the checkpoint gives, your list begins with 2.",
            "You say where each row has gone. The row that each column comes from is asked for.",
        ),
        Misconception(
            "W_hh transposed",
            lambda x, z, W_ih, W_hh, *rest: match_classes(x, z, W_ih, W_hh.T, *rest),
            "Your logits are not those of the checkpoint, up to the order. How near do the matched "
            "columns come?",
            "The right logits match each column of z to the last digits. Print the smallest "
            "distances: yours do not.",
            "Your own forward pass uses h @ W_hh. With one sequence in each row it is h @ W_hh.T.",
        ),
        Misconception(
            "one of the two biases",
            lambda x, z, W_ih, W_hh, b_ih, b_hh, *rest: match_classes(
                x, z, W_ih, W_hh, b_ih, 0 * b_hh, *rest
            ),
            "Your logits are not those of the checkpoint, up to the order. How near do the matched "
            "columns come?",
            "The right logits match each column of z to the last digits. Print the smallest "
            "distances: yours do not.",
            "A layer of torch.nn has two biases and adds both. b_hh has no part in yours.",
        ),
        Misconception(
            "no difference seen",
            lambda x, z, *weights: list(range(z.shape[1])),
            "Have you computed the logits and compared them with z?",
            "If no column had moved, z and your logits would be equal. Print their difference.",
            "You return the columns in their own order. Compare each with all of yours.",
        ),
        Misconception(
            "sorted by the first step",
            lambda x, z, *weights: [int(row) for row in np.argsort(z[0])],
            "Does your answer depend on the weights?",
            "The same z could come from another checkpoint with another order.",
            "You sort z alone. The order must come from comparing it with your own logits.",
        ),
        Misconception(
            "compared backwards in time",
            lambda x, z, *weights: match_classes(x, z[::-1], *weights),
            "Which step of yours do you compare with which of theirs?",
            "z[0] is what they had after x[0].",
            "You compare their last step with your first.",
        ),
        Misconception(
            "the bias of the output read as the order",
            lambda x, z, *weights: [int(row) for row in np.argsort(np.argsort(weights[-1]))],
            "Does your answer depend on z?",
            "Two files of logits from one checkpoint may be ordered differently.",
            "You rank b_y. The order must come from comparing z with your own logits.",
        ),
    ),
)

# --- torch_forward -----------------------------------------------------------------------------


def torch_inputs(rng):
    B, T, D, H = (int(size) for size in rng.permutation([2, 3, 4, 5, 6])[:4])
    case = rng.normal(size=(B, T, D)), *draw_cell(rng, D, H), 0.5 * rng.normal(size=H)
    return tuple(array.astype(np.float32) for array in case)  # torch's own default


def torch_forward(x, W_ih, W_hh, b_ih, b_hh, *, late=False):
    import torch

    h, states = x.new_zeros(len(x), len(W_hh)), []
    for x_t in x.unbind(dim=1):
        second = 0 if late and not states else b_hh
        h = torch.tanh(x_t @ W_ih.T + b_ih + h @ W_hh.T + second)
        states.append(h)
    return torch.stack(states, dim=1)


TORCH_FORWARD = Question(
    name="torch_forward",
    points=3,
    section="6 · The same in PyTorch",
    reference=torch_forward,
    inputs=torch_inputs,
    framework="torch",
    misconceptions=(
        Misconception(
            "only one bias",
            lambda *case: torch_forward(*case[:-1], 0),
            "Which of the five arguments has no influence on your result?",
            "With x = 0 the first state is not tanh(b_ih) alone.",
            "nn.RNN has two biases and adds both. b_hh is missing.",
        ),
        Misconception(
            "the batch read as time",
            lambda x, *weights: torch_forward(x.transpose(0, 1), *weights).transpose(0, 1),
            "The shape is right. Change x[1] only: which rows of your result move?",
            "Sequence 0 and sequence 1 must not know of each other. In your result they do.",
            "`for x_t in x` walks along the first axis, the batch. With batch_first time is "
            "axis 1.",
        ),
        Misconception(
            "time first in the result",
            lambda *case: torch_forward(*case).transpose(0, 1),
            "The numbers are right. Look at the shape.",
            "Two sequences of seven steps, three units: (2, 7, 3) is expected.",
            "torch.stack(states) puts time first. Say dim=1.",
        ),
        Misconception(
            "the last state only",
            lambda *case: torch_forward(*case)[:, -1],
            "How many states does each sequence have? How many do you return?",
            "Two sequences of seven steps, three units: (2, 7, 3) is expected.",
            "You return what nn.RNN calls h_n. Its first output holds the state of every step.",
        ),
        Misconception(
            "W_hh transposed",
            lambda x, W_ih, W_hh, b_ih, b_hh: torch_forward(x, W_ih, W_hh.T, b_ih, b_hh),
            "Your first states are right, the second ones are not.",
            "With h = [1, 0] the product contributes the first *column* of W_hh.",
            "You use h @ W_hh. With one sequence in each row it is h @ W_hh.T.",
        ),
        Misconception(
            "b_hh not at the first step",
            variant(torch_forward, late=True),
            "Look at your first state: which arguments enter it?",
            "At the first step W_hh h_0 is zero. And the bias beside it?",
            "b_hh is added at every step, also while the state is still zero.",
        ),
    ),
)

# --- continue_series: the transfer task --------------------------------------------------------


def series_inputs(rng):
    H, T, n = int(rng.integers(2, 6)), int(rng.integers(3, 9)), int(rng.integers(2, 7))
    w_hy, b_y = rng.normal(size=H), float(rng.normal())
    return rng.normal(size=T), n, *draw_cell(rng, 1, H), w_hy, b_y


def continue_series(
    u, n, W_xh, W_hh, b_h, w_hy, b_y, *, feed=lambda y, u: y, start=lambda h: h, skip=0
):
    """Read u, then go on: feed(y, u) is what the network reads in place of the next value."""
    h = states_of(u[:, None, None], np.zeros((1, len(b_h))), W_xh, W_hh, b_h)[-1]
    y, values = float(h[0] @ w_hy + b_y), []
    h = start(h)
    for _ in range(n + skip):
        values.append(y)
        h = rnn_step(np.array([[feed(y, u)]]), h, W_xh, W_hh, b_h)
        y = float(h[0] @ w_hy + b_y)
    return np.array(values[skip:])


CONTINUE_SERIES = Question(
    name="continue_series",
    points=4,
    section="4 · The output: from a state to a guess",
    reference=continue_series,
    inputs=series_inputs,
    uses=("rnn_step",),
    misconceptions=(
        Misconception(
            "nothing is fed back",
            variant(continue_series, feed=lambda y, u: 0.0),
            "Your first value is right. What does the network read after that?",
            "The second guess must be the one it would make if u had gone on with the first.",
            "You feed zeros. What the network has said is what it reads next.",
        ),
        Misconception(
            "the last real value again and again",
            variant(continue_series, feed=lambda y, u: u[-1]),
            "Your first value is right. What does the network read after that?",
            "The second guess must be the one it would make if u had gone on with the first.",
            "You keep feeding u[-1]. What the network has said is what it reads next.",
        ),
        Misconception(
            "the state starts anew",
            variant(continue_series, start=np.zeros_like),
            "Your first value is right. Where is what it remembers of u?",
            "continue_series(u, 2) must equal the guess for u, then that for u with it appended.",
            "When the dream begins you start from zeros. Go on from the state after u.",
        ),
        Misconception(
            "the first guess left out",
            variant(continue_series, skip=1),
            "Your numbers are right, but each comes one place too early.",
            "After reading u, and before anything is fed back, there is already a guess.",
            "The first value to return is w_hy·h_T + b_y, from the state right after u.",
        ),
        Misconception(
            "only the last value is read",
            lambda u, *rest: continue_series(u[-1:], *rest),
            "Already your first value is off. What has the network read by then?",
            "Change u[0]: your result must change.",
            "You read u[-1] only. All of u goes through the network first, in order.",
        ),
        Misconception(
            "the last value is read twice",
            lambda u, *rest: continue_series(np.append(u, u[-1]), *rest),
            "Already your first value is off. How many inputs has the network read by then?",
            "With u of length 1, the first value comes from a state that has read one number.",
            "You read u[-1] again when the dream begins. Its state is there already: guess first.",
        ),
        Misconception(
            "what is fed back goes through a tanh",
            variant(continue_series, feed=lambda y, u: np.tanh(y)),
            "Your first value is right. What does the network read after that?",
            "If it says 2.5, it should hear 2.5.",
            "You squash the guess before feeding it back. The output has no activation here.",
        ),
    ),
)

# --- activation_portrait -----------------------------------------------------------------------

ACTIVATION_PORTRAIT = Question(
    name="activation_portrait",
    points=2,
    rubric=(
        ("One network, one input, three activations; states over time for each.", 1),
        ("Axes named, a title each, a scale on which the differences can be seen.", 1),
    ),
)

# --- activation_words --------------------------------------------------------------------------

ACTIVATION_WORDS = Question(
    name="activation_words",
    points=2,
    rubric=(
        ("Says which activation keeps, which loses and which blows up the push, and why.", 1),
        ("Ties it to the weights: what would change with smaller or larger W_hh.", 1),
    ),
)


QUESTIONS = [
    RNN_STEP,
    RNN_FORWARD,
    NEXT_CHARACTER_LOSS,
    SAME_COST,
    TORCH_FORWARD,
    ONE_BIT,
    MATCH_CLASSES,
    CONTINUE_SERIES,
    ACTIVATION_PORTRAIT,
    ACTIVATION_WORDS,
]
