"""The training loop, once: clipping, truncated back-propagation, early stopping, checkpoints.

    trainer = Trainer(model, nn.functional.cross_entropy, optimizer, clip_norm=1.0)
    history = trainer.fit(batches, steps=500, validate=held_out_error)

The same lines train on a CPU, on a GPU where there is one, and under
`torchrun --nproc_per_node=2 script.py` on several processes.
"""

import contextlib
import copy
import math
import os
import signal
import threading
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel
from torch.optim.lr_scheduler import OneCycleLR, ReduceLROnPlateau
from tqdm.auto import tqdm


class Diverged(ArithmeticError):
    """Loss or gradient is no longer a number; the weights are those before that step."""


class Trainer:
    """Trains any `nn.Module`.

    model: called as `model(*inputs)`; with `truncate` as `model(x, state)`, state None at the start
        of a sequence, and then it returns (output, state).
    loss: `loss(output, target)` → scalar, a mean over the batch.
    optimizer: of torch, made from `model.parameters()`.
    clip_norm: largest norm of all gradients together; clip_value: largest size of each entry.
    truncate: back-propagate through this many steps only: every batch is cut into windows of that
        length, one update each, and the detached state is carried from window to window.
    batch_first: whether inputs and targets are (B, T, …), as everywhere in the text, or (T, B, …).
    schedule: a learning-rate schedule of torch, advanced after every update;
        `ReduceLROnPlateau` after every validation.
    patience: stop after this many validations without a new best, and return to the best weights.
    checkpoint: file to save to every `checkpoint_every` updates and at the end.
    device: the first GPU if there is one, otherwise the CPU.
    """

    def __init__(self, model, loss, optimizer, *, clip_norm=None, clip_value=None, truncate=None,
                 batch_first=True, schedule=None, patience=None, checkpoint=None,
                 checkpoint_every=100, device=None, progress=True):
        if clip_norm is not None and clip_value is not None:
            raise ValueError("clip by clip_norm or by clip_value, not by both")
        self.rank, self.processes = _join_processes()
        self.device = torch.device(device or _usual_device())
        self.model, self.loss, self.optimizer = model.to(self.device), loss, optimizer
        self.parallel = DistributedDataParallel(model) if self.processes > 1 else model
        self.clip_norm, self.clip_value = clip_norm, clip_value
        self.truncate, self.batch_dim = truncate, 0 if batch_first else 1
        self.schedule, self.patience, self.checkpoint = schedule, patience, checkpoint
        self.checkpoint_every, self.progress = checkpoint_every, progress
        self.history = []  # one row (a dict) an update
        self.step = self.epoch = self.position = 0  # position: updates made in this epoch
        self.state = None  # what truncated back-propagation carries
        self.best, self.best_weights, self.waited = math.inf, None, 0
        self.rng_of_epoch = torch.get_rng_state()  # torch's generator when this epoch began

    def fit(self, batches, steps, validate=None, validate_every=100, until=-math.inf):
        """Train until `steps` updates have been made in all; return the history.

        batches: an iterable of (input, …, target), gone through again every epoch, or a function
            epoch → iterable, which lets every epoch have an order of its own. NumPy arrays will do.
        validate: `validate(model)` → a number to make small, or a dict whose first value is that;
            called in eval mode, without gradients, every `validate_every` updates and at the end.
        until: stop as soon as a validation finds less than this.

        A second call goes on where the first one stopped. Ctrl-C ends training after the update it
        falls into. The model is left in eval mode.
        Raises `Diverged` at the first loss or gradient that is not finite, and ValueError if there
        are no batches.
        """
        bar = progress_bar(self.progress and self.rank == 0, total=steps, initial=self.step)
        with bar, _ctrl_c_noted() as interrupted:
            pieces = self._pieces(batches)
            while self.step < steps and not self._out_of_patience() and self.best >= until:
                self.model.train()
                row, stop = self._update(*next(pieces), bool(interrupted))
                self.history.append(row)
                if validate is not None and (self.step % validate_every == 0 or self.step == steps):
                    self._validate(validate, row)
                if self.checkpoint and self.step % self.checkpoint_every == 0:
                    self.save(self.checkpoint)
                bar.set_postfix(loss=f"{row['loss']:.4g}", refresh=False)
                bar.update()
                if stop:
                    print(f"Stopped by hand after step {self.step}; what was learned is kept.")
                    break
        if self.checkpoint:
            self.save(self.checkpoint)
        if self.best_weights is not None:
            self.model.load_state_dict(self.best_weights)
        self.model.eval()
        return self.history

    def _pieces(self, batches):
        """What updates learn from, epoch after epoch: (starts a sequence?, inputs, target, share).

        Several processes see every batch, and each takes its share of the rows.
        """
        rng = torch.get_rng_state()
        if self.position == 0:  # nothing learned yet: a seed set since __init__ counts
            self.rng_of_epoch = rng
        torch.set_rng_state(self.rng_of_epoch)  # so that the epoch has the order it had before
        skip = self.position
        while True:
            iterable = batches(self.epoch) if callable(batches) else batches
            self.position = 0
            for batch in iterable:
                for piece in self._windows(batch):
                    self.position += 1
                    if self.position == skip:
                        torch.set_rng_state(rng)
                    if self.position > skip:
                        yield piece
            if self.position == 0:
                raise ValueError(
                    f"no batches in epoch {self.epoch}: give a list, a DataLoader or a function "
                    "epoch → iterable; a generator can be gone through only once"
                )
            self.epoch, self.position, skip = self.epoch + 1, 0, 0
            self.rng_of_epoch = torch.get_rng_state()

    def _windows(self, batch):
        """A batch (input, …, target), or this process's rows of it; whole, or cut in time."""
        rows = np.shape(batch[0])[self._batch_dim_of(batch[0])]
        share = len(range(self.rank, rows, self.processes)) / rows
        if share == 0:
            raise ValueError(f"a batch of {rows} cannot be shared by {self.processes} processes")
        *inputs, target = self._mine(tuple(batch))
        if self.truncate is None:
            yield True, inputs, target, share
            return
        if len(inputs) != 1:
            raise ValueError("with truncate a batch is (x, target), without lengths")
        time = 1 - self.batch_dim
        windows = zip(inputs[0].split(self.truncate, time), target.split(self.truncate, time),
                      strict=True)
        for number, (x, y) in enumerate(windows):
            yield number == 0, [x], y, share

    def _mine(self, part):
        """The rows of a tensor, or of a tuple of them, that are this process's, on its device."""
        if isinstance(part, tuple | list):
            return tuple(map(self._mine, part))
        rows = (slice(None),) * self._batch_dim_of(part) + (slice(self.rank, None, self.processes),)
        return torch.as_tensor(part)[rows].to(self.device)

    def _batch_dim_of(self, part):
        return 0 if np.ndim(part) == 1 else self.batch_dim  # lengths and labels are (B,)

    def _update(self, starts, inputs, target, share, interrupted):
        """One step of the optimizer; the row of the history, and whether anyone pressed Ctrl-C."""
        if self.truncate is None:
            output = self.parallel(*inputs)
        else:
            output, state = self.parallel(*inputs, None if starts else self.state)
            self.state = _detach(state)
        loss = self.loss(output, target)
        self.optimizer.zero_grad()
        (loss * (share * self.processes)).backward()  # torch averages gradients over processes
        norm = self._clip()
        total, interrupted = self._sum(loss.item() * share, float(interrupted))
        self._stop_if_not_finite(total, norm)
        rate = self.optimizer.param_groups[0]["lr"]
        self.optimizer.step()
        if self.schedule is not None and not isinstance(self.schedule, ReduceLROnPlateau):
            self.schedule.step()
        self.step += 1
        row = {"step": self.step, "epoch": self.epoch, "loss": total, "gradient_norm": norm,
               "rate": rate}
        return row, interrupted > 0

    def _clip(self):
        """Clip the gradients in place; their norm before that."""
        parameters = [p for p in self.model.parameters() if p.grad is not None]
        gradients = [p.grad for p in parameters]
        norm = nn.utils.get_total_norm(gradients)
        if not norm.isfinite():  # float32 holds entries whose squares it does not
            norm = nn.utils.get_total_norm([gradient.double() for gradient in gradients])
        if self.clip_norm is not None:
            nn.utils.clip_grads_with_norm_(parameters, self.clip_norm, norm)
        if self.clip_value is not None:
            nn.utils.clip_grad_value_(parameters, self.clip_value)
        return norm.item()

    def _stop_if_not_finite(self, loss, norm):
        if math.isfinite(loss) and math.isfinite(norm):
            return
        before = f"; the loss before was {self.history[-1]['loss']:.4g}" if self.history else ""
        raise Diverged(
            f"step {self.step + 1}: the loss is {loss:.4g} and the gradient norm {norm:.4g}"
            f"{before}. The weights are those before this step. Try a smaller learning rate or "
            "clip_norm=1.0"
        )

    def _validate(self, validate, row):
        """Put the validation into the row of the history; remember the best weights."""
        self.model.eval()
        with torch.no_grad():
            found = validate(self.model)
        found = found if isinstance(found, dict) else {"validation": found}
        row.update({name: float(value) for name, value in found.items()})
        value = self._sum(float(next(iter(found.values()))) / self.processes)[0]
        if isinstance(self.schedule, ReduceLROnPlateau):
            self.schedule.step(value)
        if value < self.best:
            self.best, self.waited = value, 0
            if self.patience is not None:
                self.best_weights = copy.deepcopy(self.model.state_dict())
        else:
            self.waited += 1

    def _out_of_patience(self):
        return self.patience is not None and self.waited >= self.patience

    def _sum(self, *numbers):
        """The sum of each number over all processes."""
        if self.processes == 1:
            return numbers
        sums = torch.tensor(numbers, dtype=torch.float64, device=self.device)
        dist.all_reduce(sums)
        return sums.tolist()

    # Checkpoints

    KEPT = ("step", "epoch", "position", "history", "state", "best", "best_weights", "waited",
            "rng_of_epoch")

    def save(self, path):
        """Everything needed to go on as if nothing had happened, in one file."""
        if self.rank > 0:
            return
        kept = {name: getattr(self, name) for name in self.KEPT}
        kept |= {"model": self.model.state_dict(), "optimizer": self.optimizer.state_dict(),
                 "schedule": self.schedule and self.schedule.state_dict(),
                 "rng": [torch.get_rng_state(), *torch.cuda.get_rng_state_all()]}
        unfinished = Path(path).with_suffix(".unfinished")
        torch.save(kept, unfinished)
        os.replace(unfinished, path)  # a crash leaves the old file or the new one, never half

    def load(self, path):
        """Go back to a checkpoint; `fit` with the same batches then continues bit for bit.

        Batches may depend on the epoch, on their own seeds, or on torch's generator where the order
        is drawn at the start of an epoch, as a DataLoader does.
        """
        kept = torch.load(path, map_location=self.device, weights_only=True)
        self.model.load_state_dict(kept["model"])
        self.optimizer.load_state_dict(kept["optimizer"])
        if self.schedule is not None:
            self.schedule.load_state_dict(kept["schedule"])
        for name in self.KEPT:
            setattr(self, name, kept[name])
        self.rng_of_epoch = self.rng_of_epoch.cpu()
        cpu, *gpus = (state.cpu() for state in kept["rng"])
        torch.set_rng_state(cpu)
        torch.cuda.set_rng_state_all(gpus[: torch.cuda.device_count()])
        return self


def one_cycle(model, loss, batches, steps, rate, *, weight_decay=0.01, validate=None,
              validate_every=100, progress=False, **options):  # fmt: skip
    """Train by AdamW in a fixed number of updates; the `Trainer`, its model in eval mode.

    How the benchmarks and the stored networks are trained: the rate rises for a tenth of the steps
    and then falls to nothing, gradients are clipped to norm 1, on the CPU.

    validate, validate_every: as in `Trainer.fit`. options: of `Trainer`.
    """
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=weight_decay)
    schedule = OneCycleLR(optimizer, rate, total_steps=steps, pct_start=0.1)
    trainer = Trainer(model, loss, optimizer, clip_norm=1.0, schedule=schedule, device="cpu",
                      progress=progress, **options)  # fmt: skip
    trainer.fit(batches, steps, validate, validate_every)
    return trainer


def progress_bar(shown, **options):
    """tqdm's bar, unless it is not to be shown or TQDM_DISABLE is set."""
    silenced = bool(os.environ.get("TQDM_DISABLE"))  # which tqdm in a notebook overlooks
    return tqdm(disable=silenced or not shown, leave=False, **options)


def _join_processes():
    """(rank, number of processes); under torchrun the process joins the others first."""
    if int(os.environ.get("WORLD_SIZE", 1)) == 1:
        return 0, 1
    if not dist.is_initialized():
        dist.init_process_group()
    return dist.get_rank(), dist.get_world_size()


def _usual_device():
    if not torch.cuda.is_available():
        return "cpu"
    return f"cuda:{os.environ.get('LOCAL_RANK', 0)}"


def _detach(state):
    """The same numbers, cut off from the steps that made them."""
    if isinstance(state, tuple | list):
        return tuple(_detach(one) for one in state)
    return state.detach()


@contextlib.contextmanager
def on_ctrl_c(handler):
    """Within, Ctrl-C calls handler(signal, frame), unless something else has taken it over."""
    main = threading.current_thread() is threading.main_thread()  # others may not set a handler
    if not main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@contextlib.contextmanager
def _ctrl_c_noted():
    """Within, the first Ctrl-C is only noted, so that no update is left half done."""
    noted = []

    def note(*signal_and_frame):
        if noted:
            raise KeyboardInterrupt
        noted.append(True)

    with on_ctrl_c(note):
        yield noted
