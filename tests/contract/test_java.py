"""A Java client that openapi-generator made: generated whole, compiled for pushes and the widget, and run.

The generator's own jar holds Jackson, so nothing of Maven is needed. It writes no valid Java (7.26) for a value that is
one of two kinds of which one is a list or a map: rates of several formulas, answers of the national format. Those
classes are generated and not compiled: a Java program reads them as JSON.
"""

import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.contract.conftest import Served
from tests.contract.test_description import HERE, run
from tests.support.required_programs import require

GENERATED = 'package javax.annotation; public @interface Generated { String value(); String comments() default ""; }'
OPTIONS = (
    "openApiNullable=false,annotationLibrary=none,documentationProvider=none,useJakartaEe=false,"
    "hideGenerationTimestamp=true,useSingleRequestParameter=true,apiPackage=vn.tthc,modelPackage=vn.tthc.model,invokerPackage=vn.tthc.client"
)
WITHOUT = "apiTests=false,modelTests=false,apiDocs=false,modelDocs=false"
WANTED = "FILTER=operationId:pushDossier|pushBatch|getWidget"


@pytest.fixture(scope="module")
def jar() -> Path:
    """Return the generator, which is a Java program in a Python package."""
    generator = find_spec("openapi_generator_cli")
    assert generator is not None and generator.origin is not None
    return Path(generator.origin).with_name("openapi-generator.jar")


def test_a_generated_java_client_pushes_reads_and_meets_errors(served: Served, jar: Path, tmp_path: Path) -> None:
    java, compiler = require("java"), require("javac")
    run(
        java, "-jar", jar, "generate", "-i", served.description, "-g", "java", "--library", "native", "-o", "made",
        "--additional-properties", OPTIONS, "--global-property", WITHOUT, "--openapi-normalizer", WANTED,
        folder=tmp_path,
    )  # fmt: skip
    sources = tmp_path / "made" / "src" / "main" / "java"
    models = {path.stem for path in (sources / "vn" / "tthc" / "model").iterdir()}
    assert {"Dossier", "DossierStatus", "Receipt", "Summary", "Stats", "Widget", "Problem"} <= models
    (sources / "javax" / "annotation").mkdir(parents=True)
    (sources / "javax" / "annotation" / "Generated.java").write_text(GENERATED)
    shutil.copy(HERE / "JavaClient.java", sources)
    classes = tmp_path / "classes"
    run(
        compiler,
        "-nowarn",
        "-d",
        classes,
        "-cp",
        jar,
        "-sourcepath",
        sources,
        sources / "JavaClient.java",
        folder=tmp_path,
    )
    run(java, "-cp", f"{classes}:{jar}", "JavaClient", served.address, served.key, folder=tmp_path)
