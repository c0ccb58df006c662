"""Whether a file that somebody sends may be kept: by the rules, then by the antivirus of the installation, if any."""

from popschool import scanner
from popschool.projects import rules_files


def check_file(name: str, data: bytes, size: int) -> str:
    """Return the type under which a file is kept. Raises FileRefused, FileTooHeavy or ScannerAway."""
    media_type = rules_files.check_file(name, data, size)
    if scanner.harm_in(data):
        raise rules_files.FileRefused(name, "harmful")
    return media_type
