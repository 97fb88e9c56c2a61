"""What every hand-written training loop shares: schedule, state on disk, progress."""

from __future__ import annotations

import logging
import os
import time
from pathlib import Path
from typing import Any

from ner.errors import BadInputError
from training.extras import need

log = logging.getLogger(__name__)


def warm_then_linear(optimizer: Any, steps: int, warmup: float) -> Any:
    """The learning rate rises over the share `warmup` of the steps, then falls to zero."""
    transformers = need("transformers", "train")
    return transformers.get_linear_schedule_with_warmup(optimizer, int(steps * warmup), steps)


def save_state(path: Path, model: Any, optimizer: Any, schedule: Any, step: int) -> None:
    """Everything that going on needs, in one file that is replaced whole."""
    torch = need("torch", "train")
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".tmp")
    state = {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "schedule": schedule.state_dict(),
        "step": step,
        "chance": torch.get_rng_state(),
    }
    torch.save(state, unfinished)
    os.replace(unfinished, path)


def restore(path: Path, model: Any, optimizer: Any, schedule: Any) -> int:
    """Load what `save_state` wrote; returns the number of steps done (0 where there is none)."""
    if not path.is_file():
        return 0
    torch = need("torch", "train")
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        schedule.load_state_dict(state["schedule"])
        torch.set_rng_state(state["chance"])
        return int(state["step"])
    except Exception as problem:
        raise BadInputError(
            f"the training state {path} cannot be gone on from: {problem}",
            "run without --resume to start afresh, or with the recipe that wrote it",
        ) from problem


class Progress:
    """Logs the mean loss and the time left about once a minute."""

    def __init__(self, steps: int, done: int) -> None:
        self.steps, self.done = steps, done
        self.began = self.spoke = time.monotonic()
        self.losses: list[float] = []

    def step(self, number: int, loss: float) -> None:
        """One step is over; `number` counts from 1 over the whole run."""
        self.losses.append(loss)
        now = time.monotonic()
        if now - self.spoke > 60 or number == self.steps:
            rate = (now - self.began) / (number - self.done)
            mean = sum(self.losses) / len(self.losses)
            left = rate * (self.steps - number)
            log.info("step %d of %d: loss %.4f, %.0f s left", number, self.steps, mean, left)
            self.spoke, self.losses = now, []
