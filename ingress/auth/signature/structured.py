"""Structured fields (RFC 9651), those parts of it that signatures and digests are written in.

A dictionary whose members are byte sequences, or lists of texts with parameters. What is written in
another way than RFC 9651 section 4.1 serializes it, but for spaces after commas, is refused: what
was signed is then what stands there, byte for byte. So is a name that stands twice, of which the
standard would take the last.
"""

import base64
import re
from collections.abc import Callable, Mapping
from typing import Final, NoReturn, TypeVar

import msgspec

T = TypeVar("T")
Bare = str | int | bool
Parameters = Mapping[str, Bare]

_KEY: Final = re.compile(r"[a-z*][a-z0-9_.*-]*")
_STRING: Final = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\])*)"')
_INTEGER: Final = re.compile(r"-?[0-9]{1,15}(?![0-9.])")
_BYTES: Final = re.compile(r":([A-Za-z0-9+/]*={0,2}):")
_COMMA: Final = re.compile(r"[ \t]*,[ \t]*")


class Member(msgspec.Struct, frozen=True):
    """A text of a list, with its parameters; ``written`` is how it stands there."""

    value: str
    parameters: Parameters
    written: str


class InnerList(msgspec.Struct, frozen=True):
    """Texts with parameters, and the list's own; ``written`` is how it stands there."""

    members: tuple[Member, ...]
    parameters: Parameters
    written: str


def lists(text: str) -> dict[str, InnerList]:
    """Read a dictionary of lists of texts, such as Signature-Input. Raises ``ValueError``."""
    reader = _Reader(text)
    return reader.dictionary(reader.inner_list)


def byte_sequences(text: str) -> dict[str, bytes]:
    """Read a dictionary of byte sequences, such as Signature. Raises ``ValueError``."""
    reader = _Reader(text)
    return reader.dictionary(reader.byte_sequence)


class _Reader:
    """Reads from left to right; ``at`` is where it is."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def dictionary(self, read: Callable[[], T]) -> dict[str, T]:
        found: dict[str, T] = {}
        while True:
            key = self.take(_KEY)
            self.expect("=")
            if key in found:
                self.fail()
            found[key] = read()
            if self.at == len(self.text):
                return found
            self.take(_COMMA)

    def inner_list(self) -> InnerList:
        start = self.at
        self.expect("(")
        members: list[Member] = []
        while not self.skip(")"):
            if members:
                self.expect(" ")
            begin = self.at
            value = self.string()
            parameters = self.parameters()
            members.append(Member(value, parameters, self.text[begin : self.at]))
        parameters = self.parameters()
        return InnerList(tuple(members), parameters, self.text[start : self.at])

    def byte_sequence(self) -> bytes:
        written = self.take(_BYTES)
        encoded = written[1:-1]
        data = base64.b64decode(encoded)
        if base64.b64encode(data).decode() != encoded:
            self.fail()
        return data

    def parameters(self) -> Parameters:
        found: dict[str, Bare] = {}
        while self.skip(";"):
            key = self.take(_KEY)
            if key in found:
                self.fail()
            found[key] = self.bare() if self.skip("=") else True
        return found

    def bare(self) -> Bare:
        if self.text.startswith('"', self.at):
            return self.string()
        return int(self.take(_INTEGER))

    def string(self) -> str:
        return re.sub(r"\\(.)", r"\1", self.take(_STRING)[1:-1])

    def take(self, form: re.Pattern[str]) -> str:
        found = form.match(self.text, self.at)
        if found is None:
            self.fail()
        self.at = found.end()
        return found.group()

    def skip(self, character: str) -> bool:
        if not self.text.startswith(character, self.at):
            return False
        self.at += 1
        return True

    def expect(self, character: str) -> None:
        if not self.skip(character):
            self.fail()

    def fail(self) -> NoReturn:
        raise ValueError("this is not the structured field that it should be")
