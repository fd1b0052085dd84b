def convert() -> None:
    """x

    Example:
    y
    """
