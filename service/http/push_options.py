"""What a sender may ask of a push beside its records: all or nothing, a dry run, strict reading."""

from dataclasses import dataclass

from flask import request

from service.http.problems import Problem


@dataclass(frozen=True)
class PushOptions:
    """atomic: nothing is stored unless all is valid. dry_run: nothing is stored. strict: unknown fields reject."""

    atomic: bool
    dry_run: bool
    strict: bool


def push_options() -> PushOptions:
    """Read the options of this request; Problem 400 for a value that is neither 0 nor 1."""
    return PushOptions(flag("atomic"), flag("dry_run"), flag("strict"))


def flag(name: str) -> bool:
    """Read one parameter that is 0 or 1."""
    value = request.args.get(name, "0")
    if value not in ("0", "1"):
        raise Problem(400, f"{name}: dùng 0 hoặc 1 (use 0 or 1)", {name: ["Dùng 0 hoặc 1 (use 0 or 1)"]})
    return value == "1"
