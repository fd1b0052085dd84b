"""Where the records of a JSON or CSV byte stream begin and end, without parsing them."""

from __future__ import annotations

import numpy as np
from numba import types
from numpy.typing import NDArray

from tamis.kernels._jit import U8, kernel, tuple_of

_INT = types.int64
_OUT = types.Array(types.int64, 1, "C")
_BLOCK = 8  # bytes looked at together where nothing special is expected: 16 was a third slower on real answers

QUOTE, BACKSLASH, COMMA = ord('"'), ord("\\"), ord(",")
NEWLINE, RETURN = ord("\n"), ord("\r")


@kernel(_INT(U8, _INT, _INT, types.uint8, types.uint8))
def _skip_to(data: NDArray[np.uint8], i: int, stop: int, one: int, other: int) -> int:
    """The first position from i on that holds one of two bytes, or stop."""
    while i + _BLOCK <= stop:
        found = False
        at = np.uint64(i)  # unsigned: numba then leaves out the test for a negative index (1.3 to 0.8 GB/s)
        for k in range(np.uint64(_BLOCK)):
            byte = data[at + k]
            found |= (byte == one) | (byte == other)
        if found:
            break
        i += _BLOCK
    while i < stop and data[np.uint64(i)] != one and data[np.uint64(i)] != other:
        i += 1
    return i


@kernel(_INT(U8, _INT))
def _string_stop(data: NDArray[np.uint8], i: int) -> int:
    """The position after the quote that closes the string opened before i, or -1 where there is none."""
    n = len(data)
    while True:
        i = _skip_to(data, i, n, QUOTE, BACKSLASH)
        if i >= n:
            return -1
        if data[i] == QUOTE:
            return i + 1
        i += 2


@kernel(_INT(U8, _INT))
def _nested_stop(data: NDArray[np.uint8], i: int) -> int:
    """The position after the bracket that closes the one at i, or -1 where there is none."""
    depth = 0
    while i < len(data):
        byte = data[np.uint64(i)]
        i += 1
        if byte == QUOTE:
            i = _string_stop(data, i)
            if i < 0:
                return -1
        elif byte == 0x7B or byte == 0x5B:
            depth += 1
        elif byte == 0x7D or byte == 0x5D:
            depth -= 1
            if depth == 0:
                return i
    return -1


@kernel(_INT(U8, _INT))
def _scalar_stop(data: NDArray[np.uint8], i: int) -> int:
    """The position of the comma, white space or closing bracket after a scalar, or -1 where there is none."""
    if data[i] == QUOTE:
        i = _string_stop(data, i + 1)
        return -1 if i >= len(data) else i
    while i < len(data):
        byte = data[i]
        if byte <= 0x20 or byte == COMMA or byte == 0x7D or byte == 0x5D:
            return i
        i += 1
    return -1


@kernel(_OUT(_OUT))
def _doubled(full: NDArray[np.int64]) -> NDArray[np.int64]:
    larger = np.empty(2 * len(full), np.int64)
    larger[: len(full)] = full
    return larger


@kernel(tuple_of(_OUT, _OUT, _INT, types.boolean)(U8, _INT))
def json_values(data: NDArray[np.uint8], start: int) -> tuple[NDArray[np.int64], NDArray[np.int64], int, bool]:
    """Find the complete JSON values from byte `start` on, separated by white space or commas.

    That is the inside of an array, or values one after another. Brackets are matched by depth, with strings
    respected; what lies between them is left to a parser. O(bytes).

    Returns
    -------
    starts, stops
        int64 of shape (n,): value i is `data[starts[i]:stops[i]]`.
    resume
        Where to go on: after an unmatched closing bracket; or else the start of the first incomplete value,
        or the length of the data. A scalar that touches the end of the data counts as incomplete.
    closed
        Whether an unmatched closing bracket was met.

    Examples
    --------
    >>> data = np.frombuffer(b'[{"a": "]"}, 17] tail', np.uint8)
    >>> starts, stops, resume, closed = json_values(data, 1)
    >>> [data[a:b].tobytes() for a, b in zip(starts, stops)], int(resume), bool(closed)
    ([b'{"a": "]"}', b'17'], 16, True)
    """
    starts, stops = np.empty(64, np.int64), np.empty(64, np.int64)
    count, i, n = 0, start, len(data)
    while i < n:
        byte = data[i]
        if byte in (0x20, COMMA, NEWLINE, RETURN, 0x09):
            i += 1
            continue
        if byte == 0x7D or byte == 0x5D:
            return starts[:count].copy(), stops[:count].copy(), i + 1, True
        stop = _nested_stop(data, i) if byte == 0x7B or byte == 0x5B else _scalar_stop(data, i)
        if stop < 0:
            break
        if stop == i:  # a control byte where a value should be: a value of its own, for the parser to refuse
            stop = i + 1
        if count == len(starts):
            starts, stops = _doubled(starts), _doubled(stops)
        starts[count], stops[count] = i, stop
        count += 1
        i = stop
    return starts[:count].copy(), stops[:count].copy(), min(i, n), False


@kernel(_INT(U8, _INT, types.uint8))
def _record_stop(data: NDArray[np.uint8], i: int, delimiter: int) -> int:
    """The position of the line feed that ends the record at i, or the length of the data."""
    n = len(data)
    while i < n:
        if data[i] == QUOTE:  # here a field begins
            i += 1
            while True:
                i = _skip_to(data, i, n, QUOTE, QUOTE)
                if i + 1 < n and data[i + 1] == QUOTE:
                    i += 2
                else:
                    break
        i = _skip_to(data, min(i, n), n, delimiter, NEWLINE)
        if i >= n or data[i] == NEWLINE:
            return i
        i += 1
    return n


@kernel(tuple_of(_OUT, _OUT, _INT)(U8, _INT, types.uint8, types.boolean))
def csv_records(
    data: NDArray[np.uint8], start: int, delimiter: int, final: bool
) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    r"""Find the records of a delimited text from byte `start` on, by the quoting rules of RFC 4180.

    A quote opens only at the start of a field, two quotes inside quotes stand for one, and a line feed inside
    quotes ends nothing. Records end at LF or CR LF; empty ones are left out. O(bytes).

    Parameters
    ----------
    delimiter
        The byte between fields.
    final
        Whether the data end here: if not, a last record without a line end is left for later.

    Returns
    -------
    starts, stops
        int64 of shape (n,): record i, without its line end, is `data[starts[i]:stops[i]]`.
    resume
        The start of the record left for later, or the length of the data.

    Examples
    --------
    >>> data = np.frombuffer(b'a,"b\n""c"\r\n\r\nd,e', np.uint8)
    >>> starts, stops, resume = csv_records(data, 0, ord(","), True)
    >>> [data[a:b].tobytes() for a, b in zip(starts, stops)], int(resume)
    ([b'a,"b\n""c"', b'd,e'], 16)
    """
    starts, stops = np.empty(64, np.int64), np.empty(64, np.int64)
    count, i, n = 0, start, len(data)
    while i < n:
        stop = _record_stop(data, i, delimiter)
        if stop == n and not final:
            break
        end = stop - 1 if stop < n and stop > i and data[stop - 1] == RETURN else stop
        if end > i:
            if count == len(starts):
                starts, stops = _doubled(starts), _doubled(stops)
            starts[count], stops[count] = i, end
            count += 1
        i = min(stop + 1, n)
    return starts[:count].copy(), stops[:count].copy(), i
