"""Names of any kind become legal, unique C++ names; ROOT's spelling where that is free."""

import re

import pytest

from pysofie.names import DimNames, Names, clean

NASTY = [
    "conv.1.weight",
    "conv1.weight",
    "conv1weight",
    "a-b",
    "a_b",
    'x"; system("rm -rf /',
    "line\nbreak",
    "\\",
    "*/",
    "??/",
    "é",
    "日本",
    "",
    " ",
    "class",
    "int",
    "n" * 300,
    "n" * 301,
]


@pytest.mark.parametrize(
    ("name", "spelling"),
    [("dense/kernel:0", "densekernel0"), ("a.b", "ab"), ("a-b", "a_b"), ("input.1", "input1"), ("_x", "_x")],
)
def test_the_spelling_is_roots(name, spelling):
    assert clean(name) == spelling
    assert Names()[name] == spelling


def test_every_name_gets_a_legal_spelling_of_its_own():
    names = Names()
    spellings = [names[name] for name in NASTY]
    assert len(set(spellings)) == len(NASTY)
    assert all(re.fullmatch(r"[A-Za-z0-9_]+", one) for one in spellings)
    assert spellings == [names[name] for name in NASTY]
    assert max(map(len, spellings)) < 256
    assert {names.origins().get(one, one) for one in spellings} == set(NASTY)


def test_every_dim_gets_an_identifier_that_no_header_owns():
    names = DimNames()
    dims = [*NASTY, "1st", "__x", "tensor_x", "assert", "linux", "size_t", "batch"]
    spellings = [names[dim] for dim in dims]
    assert len(set(spellings)) == len(dims)
    assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", one) for one in spellings)
    assert names["batch"] == "batch"
    assert not {"class", "int", "assert", "linux", "size_t", "tensor_x"} & set(spellings)


def test_a_fresh_name_is_nobodys():
    names = Names()
    names.reserve(["y", "y_2"])
    assert names.fresh("y") == "y_3"
