"""Types made at random, for property tests."""

from __future__ import annotations

from hypothesis import strategies as st

from scriptlint.types.model import (
    ANY,
    BOOL,
    COMPLEX,
    DEVICE,
    FLOAT,
    INT,
    NONE,
    NUMBER,
    STRING,
    TENSOR,
    Dict,
    Future,
    List,
    Tuple,
    make_optional,
    make_union,
)

LEAVES = (TENSOR, INT, FLOAT, BOOL, COMPLEX, NUMBER, STRING, NONE, DEVICE, ANY)
KEYS = (STRING, INT, BOOL, FLOAT, COMPLEX, TENSOR)


def _grow(inner):
    return st.one_of(
        st.builds(List, inner),
        st.builds(Dict, st.sampled_from(KEYS), inner),
        st.builds(lambda elements: Tuple(tuple(elements)), st.lists(inner, max_size=3)),
        st.builds(make_optional, inner),
        st.builds(lambda members: make_union(tuple(members)), st.lists(inner, min_size=2, max_size=3)),
        st.builds(Future, inner),
    )


types = st.recursive(st.sampled_from(LEAVES), _grow, max_leaves=5)
