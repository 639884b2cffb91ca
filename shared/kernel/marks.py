"""Marks sentences for the language catalogues where the web, and so the translation itself, may not be known."""


def N_(message: str) -> str:  # noqa: N802 - the name the catalogues' extraction looks for
    """The message as it is; whoever shows it translates it."""
    return message
