"""Finds the folders shipped with the code: beside `app` in a checkout, inside it in a wheel."""

from pathlib import Path

APP = Path(__file__).resolve().parent


def shipped_folder(name: str) -> Path:
    """Return the folder `name` (migrations, wordlists) wherever this copy of Popgate keeps it.

    Raises FileNotFoundError when the installation lacks it, which means that it is damaged.
    """
    beside = APP.parent / name
    in_checkout = (APP.parent / "pyproject.toml").exists()
    folder = beside if in_checkout else APP / name
    if folder.is_dir():
        return folder
    message = f"the installation lacks its folder {name!r} (安装不完整，缺少目录 {name})"
    raise FileNotFoundError(message)
