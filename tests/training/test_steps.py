from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from ner.errors import BadInputError
from training.steps import Progress, restore, save_state, warm_then_linear


def parts(width: int = 3) -> tuple[Any, Any, Any]:
    torch = pytest.importorskip("torch")
    torch.manual_seed(4)
    model = torch.nn.Linear(width, 1)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.1)
    return model, optimizer, warm_then_linear(optimizer, 10, 0.2)


def train(model: Any, optimizer: Any, schedule: Any, steps: range) -> None:
    torch = pytest.importorskip("torch")
    for number in steps:
        model(torch.full((1, 3), float(number))).sum().backward()
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()


@pytest.mark.slow
def test_going_on_from_a_state_ends_where_an_unbroken_run_does(tmp_path: Path) -> None:
    pytest.importorskip("transformers")
    unbroken = parts()
    train(*unbroken, range(9))
    first = parts()
    train(*first, range(4))
    save_state(tmp_path / "new" / "state.pt", *first, 4)
    second = parts()
    assert restore(tmp_path / "new" / "state.pt", *second) == 4
    train(*second, range(4, 9))
    assert second[2].get_last_lr() == unbroken[2].get_last_lr()
    for ours, theirs in zip(second[0].parameters(), unbroken[0].parameters(), strict=True):
        assert ours.equal(theirs)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["state.pt"]


@pytest.mark.slow
def test_a_state_of_another_model_or_a_cut_one_is_told(tmp_path: Path) -> None:
    pytest.importorskip("transformers")
    path = tmp_path / "state.pt"
    save_state(path, *parts(), 1)
    with pytest.raises(BadInputError, match=r"state\.pt cannot be gone on from"):
        restore(path, *parts(width=5))
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(BadInputError, match=r"state\.pt cannot be gone on from"):
        restore(path, *parts())


@pytest.mark.slow
def test_a_state_keeps_what_chance_would_draw_next(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    pytest.importorskip("transformers")
    some = parts()
    save_state(tmp_path / "state.pt", *some, 1)
    wanted = torch.rand(3)
    restore(tmp_path / "state.pt", *some)
    assert torch.rand(3).equal(wanted)


def test_without_a_state_a_run_starts_at_zero(tmp_path: Path) -> None:
    assert restore(tmp_path / "state.pt", None, None, None) == 0


@pytest.mark.slow
def test_the_learning_rate_rises_and_then_falls_to_zero() -> None:
    pytest.importorskip("transformers")
    model, optimizer, schedule = parts()
    rates = [schedule.get_last_lr()[0]]
    for _ in range(10):
        train(model, optimizer, schedule, range(1))
        rates.append(schedule.get_last_lr()[0])
    assert rates[0] == 0
    assert rates[2] == max(rates) == pytest.approx(0.1)
    assert rates[10] == 0
    assert rates[2:] == sorted(rates[2:], reverse=True)


def test_progress_is_logged_at_the_last_step(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        progress = Progress(6, 4)
        progress.step(5, 1.0)
        assert not caplog.messages
        progress.step(6, 2.0)
    assert caplog.messages == ["step 6 of 6: loss 1.5000, 0 s left"]
