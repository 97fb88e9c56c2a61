"""Scores of weights on marked data, one module a task.

Every module has pure scoring functions (gold and predicted data in, figures out) and one thin
`evaluate_*` runner that reads a file, runs the models, and returns a `Report`.
"""

from training.evaluation.report import Figure, Report

__all__ = ["Figure", "Report"]
