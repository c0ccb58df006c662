"""The chain of the ledger of presence is the one of every record: `popschool/rules_chain.py` and `docs/verify.md`."""

from popschool.rules_chain import FORM, START, canonical, chained, content_hash, entry_hash, fields_hash

__all__ = ["FORM", "START", "canonical", "chained", "content_hash", "entry_hash", "fields_hash"]
