"""What is remembered of a camera as bytes without pickle: dataclasses with numpy arrays in them."""

from __future__ import annotations

import zlib
from typing import Any, TypeVar

import msgspec
import numpy as np

T = TypeVar("T")


def pack(state: object) -> bytes:
    return zlib.compress(msgspec.msgpack.encode(state, enc_hook=_array_out), 1)


def unpack(data: bytes | memoryview, kind: type[T]) -> T:
    """Raises ValueError where `data` is no `kind`."""
    try:
        return msgspec.msgpack.decode(zlib.decompress(data), type=kind, dec_hook=_array_in)
    except (zlib.error, msgspec.DecodeError, TypeError) as error:
        raise ValueError(str(error)) from error


def _array_out(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return [value.dtype.str, list(value.shape), value.tobytes()]
    raise TypeError(type(value))


def _array_in(kind: type, value: Any) -> Any:
    if kind is np.ndarray:
        dtype, shape, data = value
        return np.frombuffer(data, dtype=dtype).reshape(shape)
    raise TypeError(kind)
