"""Marks sentences for the language catalogues where the web, and so the translation itself, may not be known."""

from typing import Any


def N_(message: str) -> str:  # noqa: N802 - the name the catalogues' extraction looks for
    """The message as it is; whoever shows it translates it."""
    return message


def S_(sentence: str, /, **parts: Any) -> str:  # noqa: N802 - the name the catalogues' extraction looks for
    """The English sentence with its `%(name)s` parts filled in; `shared.web.sentences.said` knows it again and says it
    in the reader's language.

    Write the sentence as one literal. What people have named stands in quotation marks or in a part called `name`: the
    other parts may be words, which are translated too.
    """
    return sentence % parts
