"""`metier doctor`: whether this installation is whole."""

from __future__ import annotations

from typing import Annotated

import typer

from metier.cli.outputs import columns, fail, print_json, print_text, warn


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Check Python, packages, weights with their hashes, and name clashes.

    Says what to do if something is wrong, and exits with 4 for damaged or mismatched weights,
    with 1 for the rest.
    """
    from metier.cli.doctor_checks import all_findings

    findings = list(all_findings())
    wrong = [finding for finding in findings if finding.status == "wrong"]
    warned = [finding for finding in findings if finding.status == "warning"]
    if as_json:
        print_json({"ok": not wrong, "checks": [finding.to_dict() for finding in findings]})
    else:
        rows = [(finding.status.upper(), finding.name, finding.detail) for finding in findings]
        print_text(columns(rows))
        fine = "nothing is wrong" if warned else "everything is in order"
        print_text(f"{len(wrong)} thing(s) are wrong" if wrong else fine)
    for finding in warned:
        warn(f"{finding.name}: {finding.detail}. {finding.hint}")
    for finding in wrong:
        fail(f"{finding.name}: {finding.detail}", finding.hint)
    if wrong:
        raise typer.Exit(max(finding.exit_code for finding in wrong))
