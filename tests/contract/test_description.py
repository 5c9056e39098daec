"""The description is the contract: linters find nothing, and clients that were generated from it work."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.conftest import Served
from tests.support.required_programs import require

HERE = Path(__file__).parent
TOOLS = HERE.parents[1] / "build" / "npm"
QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "SCARF_ANALYTICS": "false"}


@pytest.fixture(scope="session")
def tools() -> Path:
    """Install the tools of package.json once; where that cannot be done the test is skipped (with CI=true it fails)."""
    npm = require("npm")
    wanted = (HERE / "package.json").read_text()
    if not (TOOLS / "package.json").exists() or (TOOLS / "package.json").read_text() != wanted:
        shutil.rmtree(TOOLS, ignore_errors=True)
        TOOLS.mkdir(parents=True)
        done = subprocess.run(
            [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(TOOLS)]
            + [f"{name}" for name in _packages(wanted)],
            capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
        if done.returncode and os.environ.get("CI") != "true":
            pytest.skip(f"npm could not install the tools: {done.stderr[-200:]}")
        assert done.returncode == 0, done.stderr
        (TOOLS / "package.json").write_text(wanted)
    return TOOLS / "node_modules" / ".bin"


def _packages(wanted: str) -> list[str]:
    import json

    return [f"{name}@{version}" for name, version in json.loads(wanted)["dependencies"].items()]


OVERRIDES = {
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "application/octet-stream",
    "application/openmetrics-text": "text/plain",
    "image/png": "text/plain",
    "image/svg+xml": "text/plain",
}


def run(*command: str | Path, folder: Path) -> str:
    """Run a program; its output is told when it fails."""
    environment = {**os.environ, **QUIET}
    done = subprocess.run(
        [str(part) for part in command], cwd=folder, env=environment, capture_output=True, text=True, check=False,
        timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout + done.stderr


def test_redocly_reports_nothing(tools: Path, served: Served, tmp_path: Path) -> None:
    told = run(tools / "redocly", "lint", served.description, "--format=json", folder=tmp_path)
    assert '"warnings": 0' in told
    assert '"errors": 0' in told


def test_spectral_reports_nothing(tools: Path, served: Served, tmp_path: Path) -> None:
    (tmp_path / ".spectral.yaml").write_text('extends: ["spectral:oas"]\n')
    run(tools / "spectral", "lint", "--fail-severity=hint", served.description, folder=tmp_path)


def test_a_generated_python_client_pushes_reads_and_meets_errors(served: Served, tmp_path: Path) -> None:
    # The generator knows JSON, text, forms and bytes: what else the service gives may be taken for one of these.
    (tmp_path / "config.yaml").write_text(
        "post_hooks: []\npackage_name_override: tthc_client\ncontent_type_overrides:\n"
        + "".join(f"  {media}: {known}\n" for media, known in OVERRIDES.items())
    )
    told = run(
        sys.executable, "-m", "openapi_python_client", "generate", "--path", served.description,
        "--config", tmp_path / "config.yaml", "--output-path", tmp_path / "client", "--meta", "none",
        folder=tmp_path,
    )  # fmt: skip
    # It makes one kind of body of a batch, the array, and says that it leaves NDJSON out.
    warned = [part.split("\n\n{")[0] for part in told.split("WARNING ")[1:]]
    assert [part for part in warned if "application/x-ndjson" not in part] == []
    (tmp_path / "client").rename(tmp_path / "tthc_client")
    shutil.copy(HERE / "python_client.py", tmp_path)
    run(sys.executable, "python_client.py", served.address, served.key, folder=tmp_path)


def test_a_generated_typescript_client_pushes_reads_and_meets_errors(
    tools: Path, served: Served, tmp_path: Path
) -> None:
    (tmp_path / "node_modules").symlink_to(tools.parent)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    run(tools / "openapi-typescript", served.description, "-o", "api.d.ts", folder=tmp_path)
    shutil.copy(HERE / "typescript_client.ts", tmp_path)
    run(
        tools / "tsc", "--strict", "--target", "es2022", "--module", "nodenext", "--moduleResolution", "nodenext",
        "--skipLibCheck", "--types", "node", "typescript_client.ts",
        folder=tmp_path,
    )  # fmt: skip
    run(require("node"), "typescript_client.js", served.address, served.key, folder=tmp_path)
