# Written by mcp from rabbitmq/broker-watch/words.py. Changes here are overwritten.
"""What members say to each other, one datagram of JSON each."""

import json

from hearing import Heard, Word

LARGEST = 8192


def packed(word: Word) -> bytes:
    heard = {
        member: [round(it.ago, 3), it.runs, it.serves, it.is_apart, it.is_linked] for member, it in word.heard.items()
    }
    said = {"runs": word.runs, "serves": word.serves, "apart": word.is_apart, "heard": heard}
    return json.dumps(said, separators=(",", ":")).encode()


def unpacked(data: bytes) -> Word | None:
    """None for what has another shape: others may send what they like."""
    try:
        found = json.loads(data)
        heard = {str(member): heard_in(it) for member, it in found["heard"].items()}
        return Word(found["runs"] is True, found["serves"] is True, found["apart"] is True, heard)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def heard_in(it: object) -> Heard:
    if not isinstance(it, list) or len(it) != 5 or not isinstance(it[0], (int, float)) or not 0 <= it[0] < 1e9:
        raise ValueError
    return Heard(float(it[0]), it[1] is True, it[2] is True, it[3] is True, it[4] is True)
