"""Every setting of Daybook: one dataclass field each, from one environment variable each."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


class BadSetting(Exception):
    """A setting is unusable. ``fact`` names variable and reason; ``way_out`` says what to do."""

    def __init__(self, variable: str, reason: str, way_out: str) -> None:
        super().__init__(f"{variable}: {reason}\nhint: {way_out}")
        self.variable = variable
        self.fact = f"{variable}: {reason}"
        self.way_out = way_out


def _text(raw: str) -> str:
    return raw


def _whole(least: int, most: int) -> Callable[[str], int]:
    def parse(raw: str) -> int:
        number = int(raw)
        if not least <= number <= most:
            raise ValueError
        return number

    parse.__doc__ = f"a whole number from {least} to {most}"
    return parse


def _seconds(least: float, most: float) -> Callable[[str], float]:
    def parse(raw: str) -> float:
        number = float(raw)
        if not least <= number <= most:
            raise ValueError
        return number

    parse.__doc__ = f"seconds from {least:g} to {most:g}"
    return parse


def _url(*schemes: str) -> Callable[[str], str]:
    def parse(raw: str) -> str:
        if urlsplit(raw).scheme.partition("+")[0] not in schemes:
            raise ValueError
        return raw

    parse.__doc__ = "a URL that starts with " + " or ".join(f"{scheme}://" for scheme in schemes)
    return parse


def _zone(raw: str) -> str:
    """an IANA time zone such as America/New_York"""
    try:
        ZoneInfo(raw)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError from None
    return raw


def _services(raw: str) -> dict[str, str]:
    """service=URL pairs separated by commas, such as enrollment=http://enrollment:8000"""
    pairs = {}
    for part in filter(None, (piece.strip() for piece in raw.split(","))):
        name, equals, url = part.partition("=")
        if not equals or urlsplit(url).scheme not in ("http", "https"):
            raise ValueError
        pairs[name.strip()] = url.rstrip("/")
    return pairs


def _level(raw: str) -> str:
    """one of debug, info, warning, error"""
    if raw not in ("debug", "info", "warning", "error"):
        raise ValueError
    return raw


def _setting(name: str, help_: str, parse: Callable[[str], Any], default: Any = None, *, secret: bool = False) -> Any:
    metadata = {"variable": f"DAYBOOK_{name}", "help": help_, "parse": parse, "secret": secret}
    if isinstance(default, dict):
        return field(default_factory=dict, metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(frozen=True)
class Settings:
    """The settings of one process. Secrets may also come from the file that ``…_FILE`` names."""

    data: Path = _setting(  # noqa: RUF009 (it returns dataclasses.field)
        "DATA", "Folder for logs, secrets and hospital output where nothing else is said", Path, Path(".daybook")
    )
    database: str | None = _setting(
        "DATABASE",
        "Database of the logs; without it one SQLite file per service in the data folder",
        _url("postgresql"),
        secret=True,
    )
    keys: str | None = _setting(
        "KEYS",
        "Database of the keys of sealed data, apart from the logs; without it a SQLite file in the folder `keys`",
        _url("sqlite", "postgresql"),
        secret=True,
    )
    broker: str | None = _setting(
        "BROKER", "RabbitMQ; without it services pull from one another's feeds", _url("amqp", "amqps"), secret=True
    )
    master_key: str | None = _setting(
        "MASTER_KEY",
        "32 bytes as 64 hex digits that wrap all keys; made in the data folder when embedded",
        _text,
        secret=True,
    )
    token_public_key: str | None = _setting(
        "TOKEN_PUBLIC_KEY", "PEM of the public key or keys that verify tokens", _text, secret=True
    )
    token_private_key: str | None = _setting(
        "TOKEN_PRIVATE_KEY", "PEM of the private key, only where tokens are issued", _text, secret=True
    )
    service_token: str | None = _setting(
        "SERVICE_TOKEN", "Token with role integration, with which a service reads others' feeds", _text, secret=True
    )
    service_role: str | None = _setting(
        "SERVICE_ROLE", "PostgreSQL role that services run as; a migration grants it what it needs and no more", _text
    )
    services: Mapping[str, str] = _setting(
        "SERVICES", "Where other services answer HTTP, to pull their feeds", _services, {}
    )
    host: str = _setting("HOST", "Address to listen on", _text, "127.0.0.1")
    port: int = _setting("PORT", "Port for HTTP; 0 takes a free one", _whole(0, 65535), 8000)
    workers: int = _setting("WORKERS", "Commands and queries at the same time, per service", _whole(1, 1000), 32)
    connections: int = _setting(
        "CONNECTIONS",
        "Connections to PostgreSQL, per service in a process, at most; see operations.md",
        _whole(2, 1000),
        12,
    )
    max_body: int = _setting("MAX_BODY", "Largest request body, in bytes", _whole(1024, 100_000_000), 1_048_576)
    queues: int = _setting("QUEUES", "Inbox queues per service on the broker", _whole(1, 64), 4)
    batch: int = _setting("BATCH", "Messages per batch of an inbox", _whole(1, 10_000), 200)
    idle_seconds: float = _setting(
        "IDLE_SECONDS", "How long an idle loop waits before it looks again", _seconds(0.001, 60), 0.2
    )
    wait_seconds: float = _setting(
        "WAIT_SECONDS", "How long a query with `after` waits for its view at most", _seconds(0, 60), 5.0
    )
    compare_seconds: float = _setting(
        "COMPARE_SECONDS", "How often an inbox compares its checkpoints with the feeds' heads", _seconds(0.1, 3600), 2.0
    )
    lease_seconds: float = _setting(
        "LEASE_SECONDS", "How long a copy of a service keeps its share without a sign of life", _seconds(1, 600), 10.0
    )
    stop_seconds: float = _setting(
        "STOP_SECONDS",
        "How long a stopping process finishes work; keep it below the orchestrator's grace period",
        _seconds(0.1, 600),
        20.0,
    )
    time_zone: str = _setting(
        "TIME_ZONE",
        "Time zone of days that belong to no track: reports, consents before an episode",
        _zone,
        "America/New_York",
    )
    rule_packs: Path | None = _setting("RULE_PACKS", "Folder with further rule packs", Path)  # noqa: RUF009 (see above)
    hospitals: Path | None = _setting("HOSPITALS", "Folder with mapping files of hospitals", Path)  # noqa: RUF009 (see above)
    mllp_host: str = _setting("MLLP_HOST", "Address on which hospital messages are taken", _text, "127.0.0.1")
    mllp_port: int = _setting(
        "MLLP_PORT", "Port on which hospital messages are taken; 0 takes a free one", _whole(0, 65535), 2575
    )
    mllp_max_message: int = _setting(
        "MLLP_MAX_MESSAGE", "Largest hospital message, in bytes", _whole(1024, 1_000_000_000), 16_777_216
    )
    mllp_certificate: Path | None = _setting("MLLP_CERTIFICATE", "PEM certificate: hospital messages over TLS", Path)  # noqa: RUF009 (see above)
    mllp_private_key: Path | None = _setting("MLLP_PRIVATE_KEY", "PEM private key of that certificate", Path)  # noqa: RUF009 (see above)
    mllp_client_authority: Path | None = _setting(  # noqa: RUF009 (see above)
        "MLLP_CLIENT_AUTHORITY", "PEM authority that hospitals' certificates have to come from (mutual TLS)", Path
    )
    log_level: str = _setting("LOG_LEVEL", "How much is logged", _level, "info")


SOURCES_OF_SECRETS = "_FILE"

OF_OTHERS = ("DAYBOOK_TEST_", "DAYBOOK_VENV", "DAYBOOK_SHARED")
"""Variables of the test suite and the launcher."""


def load(environment: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """Settings from the environment; ``overrides`` (by field name) win. Raises ``BadSetting`` for the first bad one,
    and for a ``DAYBOOK_`` variable that is none: most likely a typing error."""
    given = os.environ if environment is None else environment
    _refuse_unknown(given)
    values = {}
    for setting in fields(Settings):
        if overrides.get(setting.name) is not None:
            values[setting.name] = overrides[setting.name]
            continue
        raw = _raw(given, setting.metadata)
        if raw is not None:
            values[setting.name] = _parsed(setting.metadata, raw)
    return Settings(**values)


def table() -> str:
    """The table of all settings as Markdown, for ``docs/settings.md``."""
    lines = ["| variable | what | takes | default |", "|---|---|---|---|"]
    for setting in fields(Settings):
        name = f"`{setting.metadata['variable']}`" + (" or `…_FILE`" if setting.metadata["secret"] else "")
        takes = (setting.metadata["parse"].__doc__ or "text").splitlines()[0]
        if setting.metadata["parse"] is Path:
            takes = "a path"
        default = (
            ""
            if setting.default in (None,) or not isinstance(setting.default, str | int | float | Path)
            else f"`{setting.default}`"
        )
        lines.append(f"| {name} | {setting.metadata['help']} | {takes} | {default} |")
    return "\n".join(lines) + "\n"


def _variables() -> set[str]:
    names = set()
    for setting in fields(Settings):
        names.add(setting.metadata["variable"])
        if setting.metadata["secret"]:
            names.add(setting.metadata["variable"] + SOURCES_OF_SECRETS)
    return names


def _refuse_unknown(given: Mapping[str, str]) -> None:
    known = _variables()
    for name in sorted(given):
        foreign = name.startswith(OF_OTHERS) or not name.startswith("DAYBOOK_")
        if not foreign and name not in known:
            raise BadSetting(name, "there is no such setting", "docs/settings.md lists them all; mend or unset it")


def _raw(given: Mapping[str, str], metadata: Mapping[str, Any]) -> str | None:
    variable = metadata["variable"]
    if variable in given:
        return given[variable]
    path = given.get(variable + SOURCES_OF_SECRETS) if metadata["secret"] else None
    if path is None:
        return None
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "is not text"
        raise BadSetting(
            variable + SOURCES_OF_SECRETS, f"the file cannot be read: {reason}", "check path and rights"
        ) from None


def _parsed(metadata: Mapping[str, Any], raw: str) -> Any:
    parse = metadata["parse"]
    try:
        if not raw:
            raise ValueError
        return parse(raw)
    except ValueError:
        expected = parse.__doc__ if parse is not Path and parse.__doc__ else "text that is not empty"
        shown = "the value" if metadata["secret"] else repr(raw)
        raise BadSetting(
            metadata["variable"], f"{shown} is not {expected}", f"set it to {expected}, or unset it"
        ) from None
