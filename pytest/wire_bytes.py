"""Messages by hand, right and wrong ones: the wire format's structs, nothing else."""

import struct

INT32, INT64, UINT32, UINT64, BOOL, STRING, OBJECT, ENUM, VECTOR, SIMPLE_VECTOR, EMPTY_VECTOR, TUPLE = range(12)


def data_point(kind, payload=b"", *, padding=None, data_offset=0, element_size=0, size=None):
    """A descriptor, filler, payload, padding; what is not given is as it should be."""
    if padding is None:
        padding = -len(payload) % 4
    if size is None:
        size = data_offset + len(payload) + padding
    descriptor = struct.pack("<BBBBI", kind, padding, data_offset, element_size, size)
    return descriptor + bytes(data_offset) + payload + bytes(padding)


def message(*data_points, number=67, version=0, config=0, count=None, size=None):
    """A message of VM_isClassArray, unless another number is given."""
    body = b"".join(data_points)
    count = len(data_points) if count is None else count
    size = 16 + len(body) if size is None else size
    return struct.pack("<IIIHH", size, version, config, number, count) + body
