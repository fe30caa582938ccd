from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from ingress.coding.sections import Compress, CompressSection, Decompress, DecompressSection


def test_both_are_on_or_off() -> None:
    """An empty section is all that is built in."""
    compress: TypeAdapter[Any] = TypeAdapter(Compress)
    decompress: TypeAdapter[Any] = TypeAdapter(Decompress)
    assert compress.validate_python("off") == decompress.validate_python("off") == "off"
    assert compress.validate_python({}) == CompressSection()
    assert decompress.validate_python({}) == DecompressSection()


def test_codings_are_those_that_are_known() -> None:
    """And at least one."""
    assert CompressSection.model_validate({"codings": ["gzip"]}).codings == ("gzip",)
    for codings in ([], ["deflate"]):
        with pytest.raises(ValidationError):
            CompressSection.model_validate({"codings": codings})
