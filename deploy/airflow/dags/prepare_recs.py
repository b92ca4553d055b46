"""The DAG ``prepare_recs``: one training run of Freshet, from its request until every instance serves its release.

Airflow asks and watches; a trainer and a loader do the work. Each task follows its own part of the run, in the order of
the mode (AUTONOMOUS_MODE):

- autonomous: prepare_data, retrain_models, calc_recommendations, reload_data;
- manual: prepare_data, calc_recommendations, and then reload_data beside retrain_models, whose model waits for
  ``freshet model promote``.

A run may be given the other mode as a parameter, and a manual run trains first if there is no model yet. The arrows are
then not in its order, and each task still ends when its part is over.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from airflow.sdk import Connection, Param, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowNotFoundException
from airflow.sdk.log import mask_secret

from freshet.connection import open_redis, options_of_url
from freshet.errors import FreshetError
from freshet.following import Stopped, Watch
from freshet.release import ReleaseFollower
from freshet.training import CALC_RECOMMENDATIONS, PREPARE_DATA, RETRAIN_MODELS, Run, Training, run_name

log = logging.getLogger("freshet")

CONNECTION_ID = "freshet_redis"


def _is_autonomous() -> bool:
    """AUTONOMOUS_MODE, as the trainer reads it."""
    text = os.environ.get("AUTONOMOUS_MODE") or "off"
    if text.lower() in ("on", "true", "1", "yes"):
        return True
    if text.lower() in ("off", "false", "0", "no"):
        return False
    raise ValueError(f'AUTONOMOUS_MODE is "{text}"; it must be on or off')


def _redis_options() -> dict[str, Any]:
    """From Airflow's connection ``freshet_redis`` if there is one, else from REDIS_URL."""
    try:
        connection = Connection.get(CONNECTION_ID)
    except AirflowNotFoundException:
        url = os.environ.get("REDIS_URL")
        if not url:
            raise FreshetError(f"there is no connection {CONNECTION_ID}, and REDIS_URL is not set either") from None
        options = options_of_url(url)
        if password := options.get("password"):
            mask_secret(password)
        return options
    extra = connection.extra_dejson
    database = str(extra.get("db", connection.schema or 0))
    if not database.isdecimal():
        raise FreshetError(f'the connection {CONNECTION_ID} names the database "{database}"; it must be a number')
    options: dict[str, Any] = {"host": connection.host, "port": connection.port or 6379, "db": int(database)}
    if connection.login:
        options["username"] = connection.login
    if connection.password:
        options["password"] = connection.password
    if connection.conn_type == "rediss":
        options["ssl"] = True
    return options | {name: value for name, value in extra.items() if name.startswith("ssl")}


@dataclass
class _Work:
    """What a task has in hand."""

    watch: Watch
    own_run: str | None = None
    """The run that this DAG run asked for; one that it joined is not its own to cancel."""
    asks: bool = False
    """Whether this task is the one that asks: cleared, it asks for another run."""

    def give_up(self) -> None:
        """Nobody waits for the run any more."""
        if self.own_run:
            Training(self.watch).cancel(self.own_run)


@contextmanager
def _at_work(asks: bool = False) -> Iterator[_Work]:
    """A connection for as long as a task works.

    What is decided fails the task at once; what may pass, Airflow repeats. If the task ends before its run does,
    because nobody carries the run out or a person marked the task as failed, the run is cancelled. A worker that is
    shut down cancels nothing: the task's next try follows the same run.
    """
    context = get_current_context()
    instance = context["ti"]
    stop = threading.Event()
    # Airflow calls it when the task is to end; a task that is a function has no other place for it.
    instance.task.on_kill = stop.set
    try:
        client = open_redis(_redis_options())
    except FreshetError as error:
        raise AirflowFailException(str(error)) from None
    with client:
        work = _Work(Watch(client, context["params"]["silence_seconds"], stop), asks=asks)
        try:
            yield work
        except FreshetError as error:
            work.give_up()
            raise AirflowFailException(str(error)) from None
        except Stopped:
            states = instance.get_task_states(instance.dag_id, task_ids=[instance.task_id], run_ids=[instance.run_id])
            state = states.get(instance.run_id, {}).get(instance.task_id)
            log.warning("stopped; to Airflow the task is %s", state)
            if state == "failed" or (work.asks and state == "restarting"):
                work.give_up()
            raise AirflowException("stopped before the run was over") from None


def _follow(run: dict[str, Any], part: frozenset[str]) -> Run:
    """Follows a part of the run that ``prepare_data`` has asked for."""
    with _at_work() as work:
        work.own_run = None if run["is_joined"] else run["name"]
        return Training(work.watch).follow(run["name"], part)


@dag(
    dag_id="prepare_recs",
    schedule=os.environ.get("PREPARE_RECS_SCHEDULE") or None,
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=False,
    default_args={"retries": 2, "retry_delay": timedelta(seconds=30), "execution_timeout": timedelta(hours=24)},
    params={
        "mode": Param("autonomous" if _is_autonomous() else "manual", enum=["manual", "autonomous"]),
        "silence_seconds": Param(
            120, type="number", minimum=1, description="How long Redis, trainer or loader may be away"
        ),
        "reload_seconds": Param(1800, type="number", minimum=1, description="How long a release may take to be served"),
    },
    tags=["freshet"],
    doc_md=__doc__,
)
def prepare_recs() -> None:
    """One training run, from its request until its release is served."""

    @task
    def prepare_data() -> dict[str, Any]:
        """Asks for a run, and follows it until its data is clean."""
        context = get_current_context()
        dag_run = context["dag_run"]
        # The same for every try of this task, another one once somebody clears it: what was asked for then is over.
        name = run_name(dag_run.run_id, dag_run.dag_id, dag_run.start_date, dag_run.clear_number)
        with _at_work(asks=True) as work:
            training = Training(work.watch)
            ticket = training.request(name, context["params"]["mode"])
            work.own_run = None if ticket.is_joined else ticket.run
            training.follow(ticket.run, PREPARE_DATA)
        return {"name": ticket.run, "is_joined": ticket.is_joined}

    @task
    def retrain_models(run: dict[str, Any]) -> None:
        """Follows the run until its model is trained."""
        if _follow(run, RETRAIN_MODELS).trains_last:
            log.info("a new model waits for a person: `freshet model compare`, then `freshet model promote`")

    @task
    def calc_recommendations(run: dict[str, Any]) -> str:
        """Follows the run until its lists are published as a release."""
        return _follow(run, CALC_RECOMMENDATIONS).release

    @task
    def reload_data(release: str) -> str:
        """Follows the release until every instance serves it; the generation that does."""
        with _at_work() as work:
            return ReleaseFollower(work.watch, release, get_current_context()["params"]["reload_seconds"]).follow()

    run = prepare_data()
    retrained, lists = retrain_models(run), calc_recommendations(run)
    reload_data(lists)
    if _is_autonomous():
        retrained >> lists
    else:
        lists >> retrained


prepare_recs()
