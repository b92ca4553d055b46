"""The keys and channels that the DAG reads and writes; ``redis/KEYSPACE.md`` explains each."""

TRAINING_PENDING = "training:pending"
TRAINING_RUNS = "training:runs"
TRAINING_LEASE = "training:lease"
RELEASES_LATEST = "releases:latest"
RELEASES_HANDLED = "releases:handled"
RELEASES_REPORTS = "releases:reports"
LOADER_LEASE = "loader:lease"
GENERATION_ACTIVE = "generation:active"
INSTANCES = "instances"

TRAINING_PROGRESS_CHANNEL = "training:progress"
RELEASES_CHANNEL = "releases"
GENERATIONS_CHANNEL = "generations"


def training_run(run: str) -> str:
    """What is known of a run."""
    return f"training:run:{run}"


def generation_meta(generation: str) -> str:
    """What is known of a generation."""
    return f"gen:{generation}:meta"


def generation_acks(generation: str) -> str:
    """Which instances serve a generation."""
    return f"generation:{generation}:acks"
