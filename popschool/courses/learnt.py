"""What was learnt from each file of a repository, held as text: a tenth of what dictionaries of it weigh."""

import json
from collections.abc import Iterator, Mapping, MutableMapping
from functools import lru_cache

JUST_READ = 256


class Learnt(MutableMapping[str, tuple[str, dict]]):
    """By path, a file's blob and its facts. Facts fit in JSON, and are never changed where they stand."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[str, str]] = {}
        self._facts = lru_cache(JUST_READ)(json.loads)

    def __getitem__(self, path: str) -> tuple[str, dict]:
        blob, written = self._kept[path]
        return blob, self._facts(written)

    def __setitem__(self, path: str, learnt: tuple[str, dict]) -> None:
        blob, facts = learnt
        self._kept[path] = (blob, json.dumps(facts, ensure_ascii=False, separators=(",", ":")))

    def __delitem__(self, path: str) -> None:
        del self._kept[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._kept)

    def __len__(self) -> int:
        return len(self._kept)

    def __contains__(self, path: object) -> bool:
        return path in self._kept


class Facts(Mapping[str, dict]):
    """The facts alone, of the files that are there now."""

    def __init__(self, learnt: Mapping[str, tuple[str, dict]]):
        self._learnt, self._paths = learnt, dict.fromkeys(learnt)

    def __getitem__(self, path: str) -> dict:
        if path not in self._paths:
            raise KeyError(path)
        return self._learnt[path][1]

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)

    def __contains__(self, path: object) -> bool:
        return path in self._paths
