"""Where settings come from: environment variables, files named by NAME_FILE, and `.env` in the working directory.

The environment wins over `.env`. A misspelled TTHC_ name stops the start and the nearest name is given; what container
platforms inject under our prefix (a Kubernetes service called `tthc`) is passed over.
"""

import os
import re
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path

from dotenv import dotenv_values
from pydantic import ValidationError

from service.settings import PREFIX, Settings, SettingsError, variable

DOTENV = Path(".env")
_NAMES = [variable(name) for name in Settings.model_fields]
_KNOWN = {*_NAMES, *(f"{name}_FILE" for name in _NAMES)}
"""Every variable that is a setting, or names the file that holds one."""
_INJECTED_NAME = re.compile(r"_SERVICE_(HOST|PORT(_\w+)?)$|_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$|_ENV_\w+$")
_INJECTED_VALUE = re.compile(r"(tcp|udp|sctp)://|/\S+/\S+$")
"""`TTHC_PORT=tcp://10.0.0.1:8000` of Kubernetes, `TTHC_NAME=/web/tthc` of Docker's links."""


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings; SettingsError names each variable that is wrong, one line each, and what it should be."""
    values = environment() if environ is None else environ
    if unknown := unknown_names(values):
        raise SettingsError("\n".join(unknown))
    try:
        return Settings.model_validate(_given(values))
    except ValidationError as error:
        raise SettingsError("\n".join(_line(item["loc"], item["msg"]) for item in error.errors())) from None


def environment() -> dict[str, str]:
    """Return the environment; what it lacks comes from `.env`."""
    return {**_dotenv(), **os.environ}


def names_from_dotenv() -> list[str]:
    """Return the names of the settings whose value comes from `.env`; `flask` itself copies it into the environment."""
    return sorted(name for name, value in _dotenv().items() if name in _KNOWN and os.environ.get(name, value) == value)


def _dotenv() -> dict[str, str]:
    try:
        values = dotenv_values(DOTENV) if DOTENV.is_file() else {}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f".env: không đọc được / cannot be read: {error}") from None
    return {name: value for name, value in values.items() if value is not None}


def unknown_names(environ: Mapping[str, str]) -> list[str]:
    """Return a line for each variable that has our prefix and is no setting, with the nearest setting."""
    unknown = (name for name in sorted(environ) if name.upper().startswith(PREFIX) and name not in _KNOWN)
    return [
        f"{name}: không có biến này{_nearest(name)}; xem .env.example (unknown setting)"
        for name in unknown
        if not (_INJECTED_NAME.search(name) or _INJECTED_VALUE.match(environ[name]))
    ]


def _nearest(name: str) -> str:
    """Return the nearest setting, compared without the prefix: for TTHC_PORT it is PORT."""
    by_stem = {stem.removeprefix(PREFIX): stem for stem in _KNOWN}
    matches = get_close_matches(name.upper().removeprefix(PREFIX), by_stem, n=1)
    return f", có phải / did you mean {by_stem[matches[0]]}?" if matches else ""


def _given(environ: Mapping[str, str]) -> dict[str, str]:
    """Collect the values that are set, following NAME_FILE."""
    values = {}
    for name in Settings.model_fields:
        key = variable(name)
        if path := environ.get(f"{key}_FILE"):
            try:
                values[name] = Path(path).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise SettingsError(f"{key}_FILE: không đọc được tệp / cannot be read: {error}") from None
        elif environ.get(key, "") != "":
            values[name] = environ[key]
    return values


def _line(location: tuple[int | str, ...], message: str) -> str:
    name = str(location[0])
    reason = message.removeprefix("Value error, ")
    if reason == message:  # pydantic's own words
        description = Settings.model_fields[name].description
        reason = f"giá trị sai / wrong value: {message} ({description})"
    return f"{variable(name)}: {reason}"
