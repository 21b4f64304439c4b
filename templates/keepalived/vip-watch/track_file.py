# Written by mcp from keepalived/vip-watch/track_file.py. Changes here are overwritten.
"""A file that Keepalived tracks: 0 in it says that all is well."""

from tell import tell_journal


class TrackFile:
    """Keeps what it says last, so that it is written, and told, only when that changes."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.written: int | None = None

    def say(self, value: int, words: str) -> None:
        """`words` are for the journal."""
        if value == self.written:
            return
        # In place, so that there is no moment without the file; Keepalived reads it when it is closed.
        try:
            with open(self.path, "w", encoding="ascii") as file:
                file.write("%d\n" % value)
        except OSError as failure:
            tell_journal("%s: %s; tried again" % (self.path, failure))
            return
        self.written = value
        tell_journal(words)
