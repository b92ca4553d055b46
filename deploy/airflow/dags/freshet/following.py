"""Looking at Redis again and again until something is so.

A message on a channel says when to look, and a look follows at least every second anyway: what a message says
could be lost. Redis may go away in between; nothing is given up because of that until it has been away for long.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import TypeVar

import redis

from .errors import FreshetError

Answer = TypeVar("Answer")

log = logging.getLogger("freshet")

# How often is looked although no message came; also how soon a stop is heard.
POLL_SECONDS = 1.0


class Stopped(Exception):
    """Airflow wants the task to end."""


class Watch:
    """Looks until there is an answer."""

    def __init__(self, client: redis.Redis, silence_seconds: float, stop: threading.Event | None = None) -> None:
        """``silence_seconds`` is for how long somebody who should give signs of life may give none."""
        self.redis = client
        self.silence_seconds = silence_seconds
        self.stop = stop or threading.Event()

    def until(self, look: Callable[[], Answer | None], channels: tuple[str, ...]) -> Answer:
        """Calls ``look`` until it answers something. Throws what it throws, unless Redis is away for a moment only."""
        away_since: float | None = None
        with self.redis.pubsub(ignore_subscribe_messages=True) as bells:
            while not self.stop.is_set():
                try:
                    if not bells.subscribed:
                        bells.subscribe(*channels)
                    if (answer := look()) is not None:
                        return answer
                    away_since = None
                    bells.get_message(timeout=POLL_SECONDS)
                except (redis.AuthenticationError, redis.exceptions.NoPermissionError) as error:
                    raise FreshetError(f"Redis refuses us: {error}; log in as its user `airflow`") from None
                except (redis.ConnectionError, redis.TimeoutError) as error:
                    now = time.monotonic()
                    if away_since is None:
                        away_since = now
                        log.warning("Redis is away, waiting: %s", error)
                    if now - away_since > self.silence_seconds:
                        raise
                    self.stop.wait(POLL_SECONDS)
        raise Stopped


class Life:
    """Somebody who holds a lease while at work, and whom we wait for."""

    def __init__(self, watch: Watch, lease: str) -> None:
        """``lease`` is the key that they keep while they work."""
        self._watch = watch
        self._lease = lease
        self._heard = time.monotonic()

    def holder(self) -> str | None:
        """Who is at work."""
        holder = self._watch.redis.get(self._lease)
        if holder:
            self._heard = time.monotonic()
        return holder

    def expect(self, complaint: str) -> None:
        """Throws ``complaint`` if nobody has been at work for too long."""
        if self.holder() is None and time.monotonic() - self._heard > self._watch.silence_seconds:
            raise FreshetError(f"{complaint} (waited {self._watch.silence_seconds:g} s)")


class Narrator:
    """Says what is new, once."""

    def __init__(self) -> None:
        """Nothing has been said yet."""
        self._said = ""

    def say(self, text: str) -> None:
        """Logs ``text`` if it is something else than last time."""
        if text != self._said:
            self._said = text
            log.info("%s", text)
