"""How Airflow speaks to Freshet: through Redis alone.

Nothing in this package knows of Airflow; ``prepare_recs.py`` beside it puts it to use.
"""
