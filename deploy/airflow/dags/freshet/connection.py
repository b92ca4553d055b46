"""Where Redis is: from the address that every part of Freshet takes to what redis-py wants."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import redis

from .errors import FreshetError

# A connection that says nothing for so long is taken for dead. Every wait for a message is shorter.
TIMEOUT_SECONDS = 10.0

# The address's options for TLS, as REDIS_URL has them everywhere in Freshet, and what redis-py calls them.
_TLS_OPTIONS = {"ca": "ssl_ca_certs", "cert": "ssl_certfile", "key": "ssl_keyfile"}


def options_of_url(url: str) -> dict[str, Any]:
    """Reads ``redis://``, ``rediss://`` or ``unix://``. Errors never quote the address, which may hold a password."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    database = query.pop("db", parts.path.strip("/") if parts.scheme in ("redis", "rediss") else "")
    try:
        options: dict[str, Any] = {"db": int(database or 0)}
        if parts.scheme in ("redis", "rediss"):
            options |= {"host": unquote(parts.hostname or "127.0.0.1"), "port": parts.port or 6379}
        elif parts.scheme in ("unix", "redis+unix"):
            options["unix_socket_path"] = unquote(parts.path)
        else:
            raise FreshetError("REDIS_URL is no address of a Redis; write redis://user:password@host:6379")
    except ValueError:
        raise FreshetError("REDIS_URL names a port or a database that is no number") from None
    if parts.username:
        options["username"] = unquote(parts.username)
    if parts.password:
        options["password"] = unquote(parts.password)
    if parts.scheme == "rediss":
        options["ssl"] = True
        options |= {name: query[option] for option, name in _TLS_OPTIONS.items() if option in query}
        if query.get("verify") == "false":
            options |= {"ssl_cert_reqs": "none", "ssl_check_hostname": False}
    return options


def open_redis(options: dict[str, Any]) -> redis.Redis:
    """A client that asks the server for nothing but what it is told to: the user ``airflow`` may do little else."""
    return redis.Redis(
        **options,
        protocol=2,
        driver_info=None,
        client_name="airflow",
        decode_responses=True,
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
    )
