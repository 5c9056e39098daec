"""The front alone: bodies are whole or nothing, refusals are told at once, and no thread is wasted."""

from pathlib import Path
from typing import Any

import pytest

from service.front import bodies, refusals
from service.front.bodies import SpoolCeiling
from service.front.bridge import respond
from tests.front.harness import AUTH, END, Application, Kept, ask, front, part, push, run

LENGTH_6 = (b"content-length", b"6")
CHUNKED = (b"transfer-encoding", b"chunked")


@pytest.fixture
def app() -> Application:
    return Application()


@pytest.fixture
def short_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a slow sender slow within a fraction of a second."""
    monkeypatch.setattr(bodies, "WINDOW_SECONDS", 0.1)
    monkeypatch.setattr(refusals, "_READ_ON_SECONDS", 0.05)


@pytest.mark.parametrize(
    ("headers", "coming", "status"),
    [
        ([LENGTH_6], [part(b"[1,2]\n")], 200),
        ([LENGTH_6], [part(b"[1,", True), part(b"2]\n")], 200),
        ([CHUNKED], [part(b"[1,", True), part(b"2]\n")], 200),
        ([LENGTH_6], [part(b"[1,", True), END], 400),
        ([CHUNKED], [part(b"[1,", True), END], 400),
        ([LENGTH_6], [part(b"[1,")], 400),
        ([LENGTH_6], [part(b"[1,2],[3]")], 400),
        ([(b"content-length", b"six")], [part(b"[1,2]\n")], 400),
        ([(b"content-length", b"70000000")], [part(b"[1,2]\n")], 413),
    ],
)
def test_a_body_is_whole_or_refused(app: Application, headers: Any, coming: Any, status: int) -> None:
    assert push(front(app), *coming, headers=[AUTH, *headers]).status == status


def test_the_application_sees_a_whole_body_with_its_length(app: Application) -> None:
    push(front(app), part(b"[1,", True), part(b"2]\n"), headers=[AUTH, CHUNKED])
    assert (app.bodies, app.environs[0]["CONTENT_LENGTH"]) == ([b"[1,2]\n"], "6")


@pytest.mark.parametrize("headers", [[LENGTH_6], [CHUNKED]])
def test_a_cut_body_never_reaches_the_application(app: Application, headers: Any) -> None:
    push(front(app), part(b"[1,", True), END, headers=[AUTH, *headers])
    assert app.bodies == []


@pytest.mark.usefixtures("short_windows")
def test_a_silent_sender_is_told_so(app: Application) -> None:
    assert push(front(app), 5.0, headers=[AUTH, LENGTH_6]).status == 408


@pytest.mark.usefixtures("short_windows")
def test_a_trickling_sender_is_told_so(app: Application) -> None:
    trickle = [step for _ in range(50) for step in (0.03, part(b"x", True))]
    assert push(front(app), *trickle, headers=[AUTH, CHUNKED]).status == 408


def test_a_sender_at_the_least_rate_may_take_its_time(app: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "WINDOW_SECONDS", 3.0)
    steady = [step for _ in range(5) for step in (0.8, part(b"x" * bodies.LEAST_IN_WINDOW, True))]
    assert push(front(app), *steady, part(b""), headers=[AUTH, CHUNKED]).status == 200


def test_bodies_together_have_a_ceiling(app: Application) -> None:
    said = push(front(app, ceiling=SpoolCeiling(100)), part(b"x" * 101), headers=[AUTH, CHUNKED])
    assert (said.status, "retry-after" in said.headers) == (503, True)


def test_bodies_without_a_key_leave_room_for_those_with_one(app: Application) -> None:
    ceiling = SpoolCeiling(100)
    assert not ceiling.take(26, without_key=26)
    assert ceiling.take(100, without_key=0)


def test_a_body_gives_its_room_back(app: Application) -> None:
    ceiling = SpoolCeiling(100)
    asked = front(app, ceiling=ceiling)
    for headers in ([AUTH, CHUNKED], [AUTH, LENGTH_6]):
        push(asked, part(b"x" * 60), headers=headers)
    assert ceiling.held == 0


def test_a_temporary_folder_that_is_full_is_told(app: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_size: int) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.SpooledTemporaryFile.write", lambda _file, _piece: full(0))
    assert push(front(app), part(b"[]"), headers=[AUTH, CHUNKED]).status == 507


@pytest.mark.parametrize("host", [[], [b"a.vn", b"b.vn"], [b""], [b"a b"], [b"a.vn/x"]])
def test_exactly_one_good_host_is_needed(app: Application, host: list[bytes]) -> None:
    assert run(ask(front(app), host=host)).status == 400


def test_without_a_key_the_body_is_not_waited_for(app: Application) -> None:
    said = push(front(app), part(b"[]", True), headers=[(b"content-length", b"6000000")])
    assert (said.status, said.headers["www-authenticate"]) == (401, 'Bearer realm="tthc"')


def test_a_key_of_another_shape_is_refused(app: Application) -> None:
    assert push(front(app), part(b"[]"), headers=[(b"authorization", b"Bearer x"), LENGTH_6]).status == 401


@pytest.mark.parametrize(("size", "status"), [(4096, 200), (4097, 413)])
def test_a_login_is_at_most_4_kilobytes(app: Application, size: int, status: int) -> None:
    told = ask(front(app), "POST", "/national/login", headers=[CHUNKED], body=[part(b"x" * size)])
    assert run(told).status == status


def test_a_packed_login_is_refused(app: Application) -> None:
    headers = [LENGTH_6, (b"content-encoding", b"gzip")]
    assert run(ask(front(app), "POST", "/national/login", headers=headers, body=[part(b"123456")])).status == 415


def test_a_refusal_under_national_speaks_its_language(app: Application) -> None:
    said = run(ask(front(app), "POST", "/national/login", headers=[CHUNKED], body=[part(b"x" * 5000)]))
    assert b'"error_code":"413"' in said.body


def test_a_refusal_reads_on_before_it_closes(app: Application) -> None:
    said = push(front(app), part(b"x" * 9, True), part(b"x" * 9), headers=[(b"content-length", b"18")])
    assert [message.get("more_body") for message in said.sent] == [None, True, False]


def test_health_is_answered_without_a_thread(app: Application) -> None:
    said = run(ask(front(app, pools={}), path="/healthz"))
    assert (said.status, said.body, "x-request-id" in said.headers) == (200, b'{"status":"ok"}', True)


def test_a_header_with_an_underscore_cannot_pass_for_another(app: Application) -> None:
    run(ask(front(app), headers=[(b"x_forwarded_for", b"6.6.6.6")]))
    assert "HTTP_X_FORWARDED_FOR" not in app.environs[0]


def test_of_a_header_a_thousand_characters_are_read(app: Application) -> None:
    """A pattern looked at 60,000 blanks for five seconds, and nothing else was answered."""
    run(ask(front(app), headers=[(b"accept", b"a" + b" " * 60_000)]))
    assert len(app.environs[0]["HTTP_ACCEPT"]) == 1024


@pytest.mark.parametrize("name", ["for", "host", "proto"])
def test_of_what_proxies_add_the_end_is_read(app: Application, name: str) -> None:
    given = [(f"x-forwarded-{name}".encode(), value) for value in (b"made.up, " * 200, b"the.proxy")]
    run(ask(front(app), headers=given))
    assert app.environs[0][f"HTTP_X_FORWARDED_{name.upper()}"].endswith(",the.proxy")


def test_a_long_answer_arrives_whole(app: Application) -> None:
    app.body = [b"0123456789" * 10_000] * 10
    said = run(ask(front(app)))
    assert (said.body, said.headers["content-length"]) == (b"".join(app.body), "1000000")


def test_a_kept_answer_needs_no_thread(app: Application) -> None:
    said = run(ask(front(app, kept=lambda _environ, _: Kept(), pools={})))
    assert (said.status, said.body) == (200, b"kept")


@pytest.mark.parametrize(
    ("path", "body"), [("/api/v1/quality", b"fine"), ("/api/v1/dossiers/A", b"fine"), ("/api/v1/units", b"kept")]
)
def test_a_request_with_a_key_is_answered_from_the_cache_only_where_no_key_counts(
    app: Application, path: str, body: bytes
) -> None:
    asked = front(app, kept=lambda _environ, _: Kept())
    assert run(ask(asked, path=path, headers=[AUTH])).body == body


@pytest.mark.parametrize("path", ["/api/v1/quality", "/api/v1/dossiers/A"])
def test_a_key_of_another_shape_is_refused_before_any_work(app: Application, path: str) -> None:
    said = run(ask(front(app), path=path, headers=[(b"authorization", b"Bearer x")]))
    assert (said.status, "www-authenticate" in said.headers, app.environs) == (401, True, [])


def test_an_operator_s_token_is_passed_on(app: Application) -> None:
    run(ask(front(app), path="/metrics", headers=[(b"authorization", b"Bearer s3cret")]))
    assert app.environs[0]["HTTP_AUTHORIZATION"] == "Bearer s3cret"


@pytest.fixture
def no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the folder for temporary files away."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))


@pytest.mark.usefixtures("no_folder")
def test_without_a_folder_for_temporary_files_a_body_is_refused_with_that_reason(app: Application) -> None:
    said = push(front(app), part(b"x" * 70_000), headers=[AUTH, CHUNKED])
    assert (said.status, "temporary files" in said.detail, "retry-after" in said.headers) == (503, True, True)


@pytest.mark.usefixtures("no_folder")
def test_without_a_folder_for_temporary_files_a_long_answer_still_arrives() -> None:
    assert run(ask(front(Application([b"x" * 300_000])))).body == b"x" * 300_000


@pytest.mark.usefixtures("no_folder")
def test_without_a_folder_for_temporary_files_an_endless_answer_is_refused() -> None:
    assert run(ask(front(Application([b"x" * 100_000] * 3)))).status == 503


def test_an_address_of_thousands_of_parameters_is_refused_unread(app: Application) -> None:
    answer = run(ask(front(app), query=b"&".join(b"p%d=" % number for number in range(2000))))
    assert (answer.status, app.environs) == (414, [])


@pytest.mark.parametrize(
    ("method", "status", "length"),
    [("GET", "200 OK", b"4"), ("HEAD", "200 OK", None), ("GET", "304 NOT MODIFIED", None), ("GET", "204 NO", None)],
)
def test_only_a_body_that_is_sent_has_a_length(method: str, status: str, length: bytes | None) -> None:
    """RFC 9110, 8.6: with HEAD and 304 it would be that of the answer to GET, which is not known here."""

    def app(_environ: Any, start_response: Any) -> list[bytes]:
        start_response(status, [])
        return [b"fine"] if length else []

    answer = respond(app, {"REQUEST_METHOD": method})
    answer.body.close()  # type: ignore[union-attr]
    assert dict(answer.headers).get(b"content-length") == length


@pytest.mark.parametrize(
    ("path", "seen"),
    [
        ("//api//v1///units", "/api/v1/units"),
        ("/national//service", "/national/service"),
        ("/api/v1/dossiers/A//B", "/api/v1/dossiers/A//B"),
        ("/units//H23.45", "/units//H23.45"),
    ],
)
def test_slashes_at_the_end_of_a_base_address_count_as_one_and_codes_keep_theirs(path: str, seen: str) -> None:
    """Flask redirected them, with the whole question in a header: nginx took that for a failure of the service."""
    application = Application()
    for asked in (ask(front(application), path=path), ask(front(application, prefix="/tthc"), path=f"/tthc{path}")):
        assert run(asked).status == 200
    assert [environ["PATH_INFO"] for environ in application.environs] == [seen, seen]
