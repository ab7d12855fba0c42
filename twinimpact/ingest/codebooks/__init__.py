"""Definition files as code books: what the columns of an export mean."""

from twinimpact.ingest.codebooks.registry import READERS, codebook_of

__all__ = ["READERS", "codebook_of"]
