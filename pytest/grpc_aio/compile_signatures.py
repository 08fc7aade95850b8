"""Which C++ types the values of each message have: those of the oldest release in the catalogue, since what was before
is not written down anywhere. Read from the catalogue's own file."""

import dataclasses
import functools
import re
import sys
from pathlib import Path

from carried_types import OBJECT_SHAPE, SCALARS, CarriedType, object_type, scalar, tuple_of, vector_of

sys.path.append(str(Path(__file__).resolve().parent.parent))
import catalogue_data  # noqa: E402

RELEASE = "0.20.0"
BUILD = "j9"
# It looks like an enumeration, having four bytes and no layout there.
CLASSES_WITHOUT_LAYOUT = {"TR::DataType"}


@dataclasses.dataclass(frozen=True)
class Signature:
    """None where the types are not known, or there is no such message."""

    request: tuple[CarriedType, ...] | None
    reply: tuple[CarriedType, ...] | None


class CppTypes:
    def __init__(self) -> None:
        self._shapes = catalogue_data.Shapes(catalogue_data.read(RELEASE)[1], BUILD)
        self._layouts = catalogue_data.structs(RELEASE, BUILD)

    def carried(self, cpp: str) -> CarriedType:
        alias = self._shapes.aliases.get(cpp)
        if alias is not None:
            return dataclasses.replace(self.carried(alias), name=cpp)
        template = re.fullmatch(r"std::(vector|tuple)<(.*)>", cpp)
        if template:
            elements = [self.carried(part) for part in catalogue_data.split_commas(template[2])]
            return tuple_of(elements) if template[1] == "tuple" else vector_of(*elements)
        shape = self._shapes.wire(cpp)
        if shape in SCALARS:
            return dataclasses.replace(scalar(shape), name=cpp)
        of_object = OBJECT_SHAPE.fullmatch(shape)
        assert of_object is not None, shape
        has_layout = cpp.rpartition("::")[2] in self._layouts or cpp in CLASSES_WITHOUT_LAYOUT
        return object_type(cpp, int(of_object[1]), has_layout)


@functools.cache
def signatures() -> dict[str, Signature]:
    """By the message's name."""
    types = CppTypes()

    def carried(cpp_types: list[str] | None) -> tuple[CarriedType, ...] | None:
        return None if cpp_types is None else tuple(types.carried(cpp) for cpp in cpp_types)

    return {
        message["name"]: Signature(carried(message["request_cpp"]), carried(message["reply_cpp"]))
        for message in catalogue_data.message_types(RELEASE, BUILD)
    }
