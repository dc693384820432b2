"""The services' HTTP interface as the command line, the demo and the simulator use it: the public one."""

import http.client
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode, urlsplit
from uuid import UUID

from events.contract.canonical import dumps


class Refusal(Exception):
    """A service said no. ``problem`` is its problem document (RFC 9457)."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(f"{status} {problem.get('title', '')}: {problem.get('detail', '')}")
        self.status = status
        self.problem = problem

    @property
    def kind(self) -> str:
        """The last part of the problem's type, such as ``session_is_full``."""
        return str(self.problem.get("type", "")).rpartition("/")[2].rpartition(":")[2]


class Client:
    """Calls with one token over one kept connection; not for several threads at once."""

    def __init__(self, url: str, token: str, timeout: float | None = 60) -> None:
        parts = urlsplit(url)
        self._connection = http.client.HTTPConnection(parts.hostname or "127.0.0.1", parts.port, timeout=timeout)
        self._headers = {"Authorization": f"Bearer {token}"}

    def get(self, path: str, **params: object) -> dict[str, Any]:
        """A query's answer; one that is no JSON as ``media_type`` and ``body``. Raises ``Refusal``."""
        given = {name: value for name, value in params.items() if value is not None}
        return self.call("GET", f"{path}?{urlencode(given)}" if given else path)

    def post(self, path: str, body: Mapping[str, Any], *, command_id: UUID | None = None) -> dict[str, Any]:
        """A command's answer. Raises ``Refusal``."""
        return self.call("POST", path, body, command_id=command_id)

    def call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        command_id: UUID | None = None,
        media_type: str = "application/json",
    ) -> dict[str, Any]:
        """Any call. A connection that the server closed meanwhile is opened again."""
        headers = dict(self._headers)
        if body is not None:
            headers["Content-Type"] = media_type
        if command_id is not None:
            headers["Daybook-Command-Id"] = str(command_id)
        content = dumps(body) if body is not None else None
        safely_again = method == "GET" or command_id is not None
        try:
            answer = self._exchange(method, path, content, headers)
        except (http.client.HTTPException, ConnectionError):
            self._connection.close()
            if not safely_again:
                raise
            answer = self._exchange(method, path, content, headers)
        return answer

    def _exchange(self, method: str, path: str, content: bytes | None, headers: Mapping[str, str]) -> dict[str, Any]:
        self._connection.request(method, quote(path, safe="/?&=%:+-._~"), content, dict(headers))
        response = self._connection.getresponse()
        raw = response.read()
        media_type = response.headers.get_content_type()
        if raw and not media_type.endswith("json"):
            position = {"position": int(response.headers.get("Daybook-Position", 0))}
            return {"media_type": media_type, "body": raw.decode(), "position": position}
        answer = json.loads(raw) if raw else {}
        if response.status >= 400:
            raise Refusal(response.status, answer if isinstance(answer, dict) else {})
        return dict(answer)

    def close(self) -> None:
        """Ends the connection."""
        self._connection.close()
