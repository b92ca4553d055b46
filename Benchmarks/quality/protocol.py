"""What all scripts here measure by: reading events, the targets, NDCG and recall.

The protocol. Everything before the cut may be learned from; what is after it is held out. A user's targets are the
distinct items that the user touches after the cut, has not touched before it, and that somebody has touched before it
or not: an item nobody could know counts as missed. Users count who have at least one target and at least one event
before the cut. A list holds only items that its user has not touched before the cut, each once; it is cut off after
K = 10. With hits h(1)...h(10) in {0, 1} and targets T

    NDCG@10   = sum h(k) / log2(k + 1)  /  sum over k = 1...min(10, |T|) of 1 / log2(k + 1)
    recall@10 = sum h(k) / |T|
    capped@10 = sum h(k) / min(10, |T|), recall as it is often given: 1 can be reached

and all are means over all users that count; a user without a list counts with 0.
"""

import numpy
import pandas
from scipy.sparse import csr_matrix

LENGTH = 10


def read_events(path):
    return pandas.read_csv(path, usecols=["timestamp", "visitorid", "event", "itemid"])


class Split:
    """Users and items numbered by their identifiers' order among the events to learn from, and the targets."""

    def __init__(self, before, after):
        self.users, user = numpy.unique(before.visitorid.to_numpy(), return_inverse=True)
        self.items, item = numpy.unique(before.itemid.to_numpy(), return_inverse=True)
        ones = numpy.ones(len(before), dtype=numpy.float32)
        self.counts = csr_matrix((ones, (user, item)), shape=(len(self.users), len(self.items)))
        seen = pandas.MultiIndex.from_frame(before[["visitorid", "itemid"]].drop_duplicates())
        pairs = after[["visitorid", "itemid"]].drop_duplicates()
        pairs = pairs[pairs.visitorid.isin(self.users)]
        pairs = pairs[~pandas.MultiIndex.from_frame(pairs).isin(seen)]
        self.targets = {user: set(group) for user, group in pairs.groupby("visitorid").itemid}
        self.seen = before[["visitorid", "itemid"]].drop_duplicates().groupby("visitorid").itemid.agg(set).to_dict()

    def describe(self):
        total = sum(len(items) for items in self.targets.values())
        return f"{len(self.targets)} users count, with {total} targets; {len(self.users)} users and {len(self.items)} items"


def evaluate(split, lists):
    """`lists`: identifiers of items by user identifier, best first. Refuses lists that break the protocol."""
    discounts = 1 / numpy.log2(numpy.arange(2, LENGTH + 2))
    ndcg, recall, capped = [], [], []
    for user, targets in split.targets.items():
        items = list(lists.get(user, ()))[:LENGTH]
        if len(set(items)) != len(items):
            raise ValueError(f"the list of user {user} holds an item twice")
        if not split.seen[user].isdisjoint(items):
            raise ValueError(f"the list of user {user} holds an item that the user has touched before")
        hits = numpy.array([item in targets for item in items], dtype=float)
        ndcg.append((hits * discounts[: len(hits)]).sum() / discounts[: min(LENGTH, len(targets))].sum())
        recall.append(hits.sum() / len(targets))
        capped.append(hits.sum() / min(LENGTH, len(targets)))
    # Half the width of the interval that holds 95 % of the means, by the normal approximation.
    spread = 1.96 / numpy.sqrt(len(ndcg))
    return {
        "ndcg": float(numpy.mean(ndcg)),
        "recall": float(numpy.mean(recall)),
        "capped": float(numpy.mean(capped)),
        "ndcg_error": float(numpy.std(ndcg) * spread),
        "recall_error": float(numpy.std(recall) * spread),
        "capped_error": float(numpy.std(capped) * spread),
        "users": len(ndcg),
    }


def best_items(scores, seen_row, length=LENGTH):
    """Indexes of the best items of a row of scores, without those the user has touched; equal scores by index."""
    scores = numpy.array(scores, dtype=numpy.float64)
    scores[seen_row] = -numpy.inf
    length = min(length, len(scores))
    top = numpy.argpartition(-scores, length - 1)[:length]
    top = top[numpy.lexsort((top, -scores[top]))]
    return top[numpy.isfinite(scores[top])]
