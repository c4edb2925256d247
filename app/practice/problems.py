"""Refusals of the rehearsal platform as problem+json (RFC 9457)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType

from starlette.responses import Response

from app.practice.words import Words

STATUS: Mapping[str, int] = MappingProxyType(
    {
        "account_taken": 409,
        "already_submitted": 409,
        "bundle_refused": 422,
        "bundle_of_another_form": 422,
        "checksum_mismatch": 460,
        "checksum_missing": 400,
        "chunk_too_large": 413,
        "clock_unreadable": 422,
        "delivery_missing": 409,
        "delivery_unknown": 422,
        "file_refused": 422,
        "fingerprint_mismatch": 422,
        "forbidden": 403,
        "host_refused": 421,
        "idempotency_key_missing": 400,
        "idempotency_key_reused": 422,
        "method_not_allowed": 405,
        "not_found": 404,
        "offset_mismatch": 409,
        "page_missing": 422,
        "programme_unknown": 404,
        "reason_missing": 422,
        "request_unreadable": 400,
        "sign_in_refused": 401,
        "stage_unknown": 422,
        "storage_full": 507,
        "token_refused": 401,
        "too_large": 413,
        "tus_version": 412,
        "upload_locked": 423,
        "whole_file_mismatch": 422,
        "window_closed": 403,
        "window_not_open": 403,
        "wrong_state": 409,
        "wrong_type": 415,
    }
)
"""HTTP status of each code of the contract (openapi.yaml, ``Problem.code``)."""


class ProblemError(Exception):
    """A refusal on its way to the client; ``params`` become members of the answer."""

    def __init__(self, code: str, /, *, headers: Mapping[str, str] | None = None, **params: object) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params
        self.headers = dict(headers or {})


def answer_problem(words: Words, problem: ProblemError) -> Response:
    """Turn a refusal into its answer; the code also stands in a header because HEAD has no body."""
    status = STATUS[problem.code]
    body = {
        **problem.params,
        "type": f"urn:shenbao:problem:{problem.code}",
        "title": words.problem(problem.code, problem.params),
        "status": status,
        "code": problem.code,
        "rehearsal": True,
    }
    headers = {**problem.headers, "Problem-Code": problem.code}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    content = json.dumps(body, ensure_ascii=False).encode()
    return Response(content, status, headers, media_type="application/problem+json")
