"""Following a release from its request until every instance answers with it.

A loader takes it up, the gate judges it, one write makes it live, and each instance acknowledges. All of it
is read from keys that they write anyway.
"""

from __future__ import annotations

import json
import time

from . import keys
from .errors import FreshetError
from .following import Life, Narrator, Watch

# An instance that is silent for so long is not waited for; as in `freshet reload --wait`.
INSTANCE_SILENCE_SECONDS = 10

_CHANNELS = (keys.RELEASES_CHANNEL, keys.GENERATIONS_CHANNEL)


class ReleaseFollower:
    """Waits for one release."""

    def __init__(self, watch: Watch, release: str, reload_seconds: float) -> None:
        """``reload_seconds`` is how long loading and switching may take in all."""
        self._watch = watch
        self._redis = watch.redis
        self._release = release
        self._seconds = reload_seconds
        self._deadline = time.monotonic() + reload_seconds
        self._loader = Life(watch, keys.LOADER_LEASE)
        self._narrator = Narrator()

    def follow(self) -> str:
        """The generation, once every instance that is alive serves it. Throws if the release is kept out, or waits."""
        return self._watch.until(self._look, _CHANNELS)

    def _look(self) -> str | None:
        # What was decided before what is live: the other way round, a switch in between would look like a way back.
        handled = self._redis.hgetall(keys.RELEASES_HANDLED)
        latest = (self._redis.get(keys.RELEASES_LATEST) or "").partition(" ")[0]
        decision = self._decision()
        generation = self._redis.get(keys.GENERATION_ACTIVE)
        meta = self._redis.hgetall(keys.generation_meta(generation)) if generation else {}
        if generation and meta.get("release") == self._release:
            return self._served(generation)
        if handled.get("request", "").partition(" ")[0] == self._release:
            self._check_outcome(handled, decision, generation)
        if latest != self._release:
            was = f"was {decision} before" if decision else "was not loaded"
            raise FreshetError(
                f"release {latest or 'none'} was asked for after release {self._release}, which {was}; "
                f"`freshet reload --release {self._release}` asks for it again"
            )
        self._narrator.say(f"release {self._release}: waits for a loader to make it live")
        self._loader.expect("no loader answers: is `freshet loader` running?")
        self._check_deadline(f"release {self._release} is not live")
        return None

    def _check_outcome(self, handled: dict[str, str], decision: str, active: str | None) -> None:
        """Throws if the loader is done with the release, and it is not live."""
        release, state, reason = self._release, handled.get("state"), handled.get("reason") or "no reason given"
        if state == "refused":
            what = "was live and was taken back" if decision == "withdrawn" else "was refused"
            raise FreshetError(f"release {release} {what}: {reason}. The live generation stays")
        if state == "waiting":
            raise FreshetError(
                f"release {release} waits for a person: {reason}. `freshet release report` shows what it changes, "
                "`freshet release approve` makes it live; then clear this task. The live generation stays"
            )
        if state == "loaded":
            raise FreshetError(
                f"release {release} was live as generation {handled.get('generation')}, and generation {active} "
                "is now: somebody went back, or on"
            )

    def _served(self, generation: str) -> str | None:
        """The generation if every instance has acknowledged it."""
        seconds, _ = self._redis.time()
        since_ms = (seconds - INSTANCE_SILENCE_SECONDS) * 1000
        alive = self._redis.zrangebyscore(keys.INSTANCES, since_ms, "+inf")
        acknowledged = self._redis.hgetall(keys.generation_acks(generation))
        late = sorted(instance for instance in alive if instance not in acknowledged)
        count = f"{len(alive) - len(late)}/{len(alive)} instances on generation {generation}, release {self._release}"
        self._narrator.say(f"{count}; late: {', '.join(late)}" if late else count)
        if not late:
            return generation
        self._check_deadline(f"{count}; late: {', '.join(late)}")
        return None

    def _check_deadline(self, complaint: str) -> None:
        if time.monotonic() > self._deadline:
            raise FreshetError(f"gave up after {self._seconds:g} s: {complaint}")

    def _decision(self) -> str:
        """What the gate, or a person, has decided about the release; empty if nothing yet."""
        text = self._redis.hget(keys.RELEASES_REPORTS, self._release)
        try:
            return str(json.loads(text).get("decision", "")) if text else ""
        except ValueError:
            return ""
