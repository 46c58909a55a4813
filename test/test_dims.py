"""Arithmetic of sizes with names."""

import pytest

from pysofie import dims
from pysofie.dims import named

B, N = named("batch"), named("n")


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (B + 3, "batch+3"),
        (3 + B * 2, "2*batch+3"),
        (B - B, "0"),
        (B * N - B, "batch*n-batch"),
        (3 - B, "-batch+3"),
        ((B + 1) * (B - 1), "batch*batch-1"),
        (dims.floor_divide(B * 4, 2), "2*batch"),
        (dims.floor_divide(B + 1, 2), "((batch+1)/2)"),
        (dims.floor_divide(7, 2), "3"),
        (dims.count([B, 3, N, 4]), "12*batch*n"),
    ],
)
def test_sizes_have_one_normal_form(size, text):
    assert str(size) == text


@pytest.mark.parametrize(
    ("number", "by", "quotient"),
    [(12 * B, 4, 3 * B), (12 * B * N, 3 * B, 4 * N), (12 * B, 5, None), (B + 1, B, None), (12, 4, 3), (B, 0, None)],
)
def test_division_is_exact_or_refused(number, by, quotient):
    assert dims.divide(number, by) == quotient


def test_equal_sizes_compare_equal_whatever_way_they_were_made():
    assert (B + 1) * 2 == 2 + B + B
    assert B + 0 == B
    assert B * 1 != N
    assert (B + 0).name == "batch"
    assert (B + 1).name is None


def test_random_polynomials_agree_with_integers(rng):
    for _ in range(200):
        a, b, c = (int(one) for one in rng.integers(-5, 6, 3))
        batch, n = (int(one) for one in rng.integers(1, 50, 2))
        size = (B * a + N * b + c) * (B - N * c + a)
        assert eval(str(size), {}, {"batch": batch, "n": n}) == (batch * a + n * b + c) * (batch - n * c + a)
