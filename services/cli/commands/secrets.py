"""Makes every password and key of a deployment, as files: nothing in Daybook has a default password.

The folder is readable by you alone. Keep `token_private_key` where tokens are issued and nowhere else, and a copy of
`master_key` somewhere safe: whoever loses it loses every name in the logs.
"""

import argparse
import base64
import hashlib
import json
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

from services.cli.output import machine, people
from services.cli.wrong_use import WrongUse
from services.platform.tokens import Role, TokenIssuer, new_key

SERVICE_TOKEN_LIFETIME = timedelta(days=365)


def add(command: argparse.ArgumentParser) -> None:
    command.add_argument("folder", type=Path, help="a folder that does not exist yet")
    command.add_argument(
        "--database-host", default="postgres", metavar="HOST[:PORT]", help="where PostgreSQL is (postgres:5432)"
    )
    command.add_argument(
        "--broker-host", default="rabbitmq", metavar="HOST[:PORT]", help="where RabbitMQ is (rabbitmq:5672)"
    )


def run(arguments: argparse.Namespace) -> int:
    folder: Path = arguments.folder
    try:
        folder.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        raise WrongUse(
            f"{folder} is there already", "name a new folder; secrets that are in use are never replaced"
        ) from None
    files = contents(arguments.database_host, arguments.broker_host)
    for name, content in files.items():
        # Containers read these as a user of their own; the folder's mode keeps everybody else out.
        path = folder / name
        path.write_bytes(content)
        path.chmod(0o644)
    people.print(f"{len(files)} secrets are in {folder}")
    if arguments.json:
        machine({"folder": str(folder), "secrets": sorted(files)})
    return 0


def contents(database_host: str, broker_host: str) -> dict[str, bytes]:
    """File name → content."""
    owner, service, broker = (secrets.token_urlsafe(24) for _ in range(3))
    private_key = new_key()
    issuer = TokenIssuer.from_pem(private_key)
    service_token = issuer.issue("daybook-services", [Role.INTEGRATION], datetime.now(UTC), SERVICE_TOKEN_LIFETIME)
    database = database_host if ":" in database_host else f"{database_host}:5432"
    rabbitmq = broker_host if ":" in broker_host else f"{broker_host}:5672"
    texts = {
        "owner_password": owner,
        "service_password": service,
        "owner_database_url": f"postgresql://owner:{owner}@{database}/daybook",
        "database_url": f"postgresql://daybook_service:{service}@{database}/daybook",
        "keys_url": f"postgresql://daybook_service:{service}@{database}/daybook_keys",
        "broker_url": f"amqp://daybook:{broker}@{rabbitmq}/daybook",
        "rabbitmq_definitions": _definitions(broker),
        "master_key": secrets.token_hex(32),
        "service_token": service_token,
    }
    return {
        **{name: text.encode() for name, text in texts.items()},
        "token_private_key": private_key,
        "token_public_key": issuer.public_pem(),
    }


def _definitions(password: str) -> str:
    """RabbitMQ's definitions: one user, one virtual host; with them it makes no guest user."""
    permission = {"user": "daybook", "vhost": "daybook", "configure": ".*", "write": ".*", "read": ".*"}
    user = {"name": "daybook", "password_hash": _hashed(password), "tags": []}
    hashing = "rabbit_password_hashing_sha256"
    return json.dumps(
        {
            "users": [{**user, "hashing_algorithm": hashing}],
            "vhosts": [{"name": "daybook"}],
            "permissions": [permission],
        }
    )


def _hashed(password: str) -> str:
    """As RabbitMQ stores it: base64 of a four-byte salt and SHA-256 of salt and password."""
    salt = secrets.token_bytes(4)
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()
