"""Asking for a training run, following it through its parts, and cancelling it.

The hash of a run is the truth about it. Its trainer may die, and another one begins it again as the next *attempt*: the
steps then go back to the first one, and what was done before passes quickly.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, fields
from itertools import takewhile

import redis

from . import keys
from .errors import FreshetError
from .following import Life, Narrator, Watch, log

# What stands between a request's words would break them apart; this is what a run's name may hold.
_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]+")

PREPARE_DATA = frozenset({"read", "prepare"})
RETRAIN_MODELS = frozenset({"search", "evaluate", "learn"})
CALC_RECOMMENDATIONS = frozenset({"similar", "write", "candidates", "offline", "publish"})

_OVER = frozenset({"succeeded", "failed", "cancelled"})


def run_name(readable: str, *unique: object) -> str:
    """A name for a run: the same for the same arguments, another one for others, whatever characters they hold."""
    digest = hashlib.sha256("\n".join(map(str, (readable, *unique))).encode()).hexdigest()[:12]
    return f"airflow-{_UNSAFE.sub('-', readable)[:80]}-{digest}"


@dataclass(frozen=True)
class Ticket:
    """What became of a request."""

    run: str
    """The run that does it."""
    is_joined: bool
    """Whether somebody else had asked for it, and it was still waiting."""


@dataclass(frozen=True)
class Run:
    """A run as it stands in Redis."""

    name: str
    state: str = ""
    mode: str = ""
    step: str = ""
    percent: str = "0"
    detail: str = ""
    attempt: str = ""
    trainer: str = ""
    release: str = ""
    error: str = ""
    steps: tuple[str, ...] = ()
    """What the present attempt has begun, in its order."""

    @classmethod
    def of(cls, name: str, hash_: dict[str, str]) -> Run:
        """Reads the run's hash; what later builds write into it is passed over."""
        known = {field.name for field in fields(cls)} - {"name", "steps"}
        steps = tuple(word.partition("=")[0] for word in hash_.get("steps", "").split())
        return cls(name=name, steps=steps, **{field: text for field, text in hash_.items() if field in known})

    @property
    def is_over(self) -> bool:
        """Whether nothing will change any more."""
        return self.state in _OVER

    @property
    def trains_last(self) -> bool:
        """Whether lists come first, and a new model then waits for a person: manual mode, but for the first run."""
        before_lists = takewhile(lambda step: step not in CALC_RECOMMENDATIONS, self.steps)
        return self.mode == "manual" and not RETRAIN_MODELS.intersection(before_lists)

    def has_done(self, part: frozenset[str]) -> bool:
        """Whether a part of the run is over. A part may have nothing to do, and then shows no step at all."""
        if self.state == "succeeded":
            return True
        if part == PREPARE_DATA:
            return bool(set(self.steps) - PREPARE_DATA)
        if part == CALC_RECOMMENDATIONS:
            # Written when the release is asked for; a later attempt does not take it back.
            return bool(self.release)
        return bool(CALC_RECOMMENDATIONS.intersection(self.steps)) and not self.trains_last

    def describe(self) -> str:
        """Where it is, in a line."""
        attempt = f"attempt {self.attempt}, " if self.attempt not in ("", "0", "1") else ""
        if self.state != "running" or not self.step:
            return attempt + self.state
        return f"{attempt}{self.percent} % {self.step}" + (f": {self.detail}" if self.detail else "")


class Training:
    """Runs, as whoever asks for them sees them."""

    def __init__(self, watch: Watch) -> None:
        """``watch`` says where, and how long somebody may be silent."""
        self._watch = watch
        self._redis = watch.redis

    def request(self, name: str, mode: str) -> Ticket:
        """Asks for a run. Whoever asks again by the same name is told the same, so a task may be repeated."""

        def ask() -> Ticket | None:
            try:
                lists = (keys.TRAINING_PENDING, keys.TRAINING_RUNS)
                run, joined = self._redis.fcall("training_request", 2, *lists, name, mode, "airflow", self._now_ms())
            except redis.ResponseError as error:
                if "Function not found" not in str(error):
                    raise FreshetError(f"the request was refused: {error}") from error
                trainer.expect(f"{_NO_TRAINER}; none has ever been started with this Redis")
                return None
            return Ticket(run, joined == 1)

        trainer = Life(self._watch, keys.TRAINING_LEASE)
        ticket = self._watch.until(ask, (keys.TRAINING_PROGRESS_CHANNEL,))
        log.info("%s run %s, mode %s", "joined the waiting" if ticket.is_joined else "asked for", ticket.run, mode)
        return ticket

    def follow(self, name: str, part: frozenset[str]) -> Run:
        """Waits until a part of a run is over. A run that comes to no good end, or that nobody carries out, throws."""
        log.info("run %s", name)
        narrator = Narrator()
        trainer = Life(self._watch, keys.TRAINING_LEASE)

        def look() -> Run | None:
            run = self.read(name)
            narrator.say(self._describe(run, trainer))
            if run.has_done(part):
                return run
            if run.is_over:
                raise FreshetError(f"run {name} {run.state}" + (f": {run.error}" if run.error else ""))
            is_waiting = run.state == "pending"
            trainer.expect(
                _NO_TRAINER if is_waiting else f"{run.trainer} is gone, and no trainer takes run {name} over"
            )
            return None

        return self._watch.until(look, (keys.TRAINING_PROGRESS_CHANNEL,))

    def read(self, name: str) -> Run:
        """A run as it is now."""
        hash_ = self._redis.hgetall(keys.training_run(name))
        if not hash_:
            raise FreshetError(f"run {name} is gone from Redis; was it flushed, or is it older than 30 days?")
        return Run.of(name, hash_)

    def cancel(self, name: str) -> None:
        """Cancels a run if it is not over. Says so instead of failing: whoever cancels has another reason to end."""
        try:
            answer = self._redis.fcall("training_cancel", 1, keys.TRAINING_PENDING, name, self._now_ms())
        except redis.RedisError as error:
            log.warning("run %s could not be cancelled: %s", name, error)
        else:
            log.info("run %s: %s", name, {"asked": "its trainer is asked to stop", None: "unknown"}.get(answer, answer))

    def _describe(self, run: Run, trainer: Life) -> str:
        if run.state != "pending":
            return run.describe()
        holder = trainer.holder()
        return f"{run.describe()}; {holder} is busy" if holder else run.describe()

    def _now_ms(self) -> int:
        # Redis's clock: a worker's may be another one.
        seconds, microseconds = self._redis.time()
        return seconds * 1000 + microseconds // 1000


_NO_TRAINER = "no trainer answers: is `freshet trainer` running?"
