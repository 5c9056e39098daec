"""How often one address may read and one key may push; answers that the response cache repeats are not counted."""

import time
from math import ceil

from flask import Flask, Response, request
from flask_limiter import Limiter, RequestLimit

from service.domain.api_keys import key_id_of, shown_key
from service.http.addresses import asker
from service.http.problems import problem_response
from service.http.request import TURN, components
from service.settings import Settings

_TOO_OFTEN = "Quá nhiều yêu cầu từ một nơi; hãy chờ rồi thử lại (too many requests from one place; try again later)"


def register(app: Flask, settings: Settings) -> None:
    """Count requests in memory, or in the store that replicas share; while that is away, in memory."""

    def who() -> str:
        return _key_id() or asker(request.remote_addr, settings.proxy_hops)

    def limit() -> str:
        return settings.rate_pushes if request.method in ("POST", "DELETE") else settings.rate_reads

    def exempt() -> bool:
        turn = request.environ.get(TURN)
        is_called_again = turn and (turn.is_given or turn.tries)
        return request.blueprint == "operations" or is_called_again or not limit() or not who()

    Limiter(
        who,
        app=app,
        application_limits=[limit],
        application_limits_exempt_when=exempt,
        storage_uri=settings.rate_store,
        in_memory_fallback_enabled=True,
        on_breach=_refuse,
    )


def _key_id() -> str:
    """Return the id of the key that a push shows, "" unless it was right before: any other may be made up."""
    shown = shown_key(request.headers.get("Authorization", "")) if request.method in ("POST", "DELETE") else ""
    return key_id_of(shown) if components().attempts.is_right(shown) else ""


def _refuse(breached: RequestLimit) -> Response:
    seconds = max(1, ceil(breached.reset_at - time.time()))
    return problem_response(429, _TOO_OFTEN, headers={"Retry-After": str(seconds)})
