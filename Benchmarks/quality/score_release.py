"""Judges the offline lists of a release by the protocol of the baselines.

    python score_release.py offline.csv.gz FOLDER/source_data/events.csv FOLDER/heldout.csv

The file has the columns user_id,item_id,score, a user's rows together and best first, as every release's offline list.
"""

import argparse

import pandas

import protocol


def read_lists(path):
    rows = pandas.read_csv(path, usecols=["user_id", "item_id"])
    return rows.groupby("user_id", sort=False).item_id.agg(list).to_dict()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("release")
    parser.add_argument("events")
    parser.add_argument("heldout")
    options = parser.parse_args()
    split = protocol.Split(protocol.read_events(options.events), protocol.read_events(options.heldout))
    print(split.describe())
    result = protocol.evaluate(split, read_lists(options.release))
    for metric in ("ndcg", "recall", "capped"):
        print(f"{metric}@10 {result[metric]:.4f} +- {result[metric + '_error']:.4f}")


if __name__ == "__main__":
    main()
