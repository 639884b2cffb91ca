"""Search texts as SQL patterns."""


def containing(text: str) -> str:
    """An ILIKE pattern for texts that contain exactly these characters."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
