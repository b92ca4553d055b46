"""What cannot be helped by trying again."""


class FreshetError(Exception):
    """Something that is decided, in words for people: a run that failed, a release that is kept out, nobody there."""
