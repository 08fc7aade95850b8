from collections.abc import Iterable, Sequence
from typing import TypeVar

from google.protobuf.message import Message

Element = TypeVar("Element", bound=Message)

class RepeatedCompositeFieldContainer(Sequence[Element]):
    def add(self) -> Element: ...
    def append(self, value: Element) -> None: ...
    def extend(self, values: Iterable[Element]) -> None: ...
