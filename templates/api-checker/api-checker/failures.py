# Written by mcp from api-checker/api-checker/failures.py. Changes here are overwritten.
"""Failures in few words."""


def describe(failure: Exception) -> str:
    text = " ".join(str(part) for part in failure.args) if failure.args else type(failure).__name__
    return text.splitlines()[0][:120]
