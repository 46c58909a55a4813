"""Functions in forward."""

from __future__ import annotations

import dataclasses

from . import bools, call, f, ints

X, Y, P = f("n", 4, 5), f("n", 4, 5), f("n", 4, 5, low=0.1)
M = f("n", 4, 4)


def each(names, x, *more, prefix="torch"):
    """Functions of one tensor, each as it is."""
    return [call(f"{prefix}.{name}", f"{prefix}.{name}(x{''.join(more)})", x=x) for name in names.split()]


elements = [
    *each(
        "abs neg sign exp expm1 sin cos tan atan sinh cosh tanh asinh sigmoid erf floor ceil trunc frac square relu", X
    ),
    *each("round isnan isinf isfinite logical_not deg2rad rad2deg", X),
    *each("log log2 log10 log1p sqrt rsqrt reciprocal", P),
    *each("asin acos atanh logit", f("n", 4, low=0.1, high=0.9)),
    *each("acosh", f("n", 4, low=1.1, high=3.0)),
    call("torch.clamp", "torch.clamp(x, -0.5, 1.0), x.clamp(min=0.1), x.clamp_max(0.3)", x=X),
    call("torch.pow", "x**2, x.pow(3), 2.0**x", x=X),
    call("torch.pow", "torch.pow(x, y)", x=P, y=Y),
    call("torch.atan2", "torch.atan2(x, y)", x=X, y=Y),
    call("torch.hypot", "torch.hypot(x, y)", x=X, y=Y),
    call("torch.fmod", "torch.fmod(x, 0.7), torch.remainder(x, 0.7), x % 0.7", x=X),
    call(
        "torch.div",
        "torch.div(x, y, rounding_mode='floor'), torch.div(x, y, rounding_mode='trunc'), x // 0.3",
        x=X,
        y=P,
    ),
    call("torch.maximum", "torch.maximum(x, y), torch.minimum(x, y), torch.max(x, y)", x=X, y=Y),
    call("torch.lerp", "torch.lerp(x, y, 0.3)", x=X, y=Y),
    call("torch.addcmul", "torch.addcmul(x, y, y, value=0.5), torch.addcdiv(x, y, z)", x=X, y=Y, z=P),
    call("torch.where", "torch.where(x > 0, x, y), torch.where(x > 0, 1.0, y)", x=X, y=Y),
    call("torch.masked_fill", "x.masked_fill(m, -7.0)", x=X, m=bools("n", 4, 5)),
    call("comparisons", "x > y, x >= 0.1, x < y, x <= y, x == x, x != y", x=X, y=Y),
    call("logic", "m & k, m | k, m ^ k, ~m, torch.logical_and(m, k)", m=bools("n", 4), k=bools("n", 4)),
    call("integers", "x + 3, x * y, x // 2, x % 3, x - y", x=ints(9, "n", 4), y=ints(5, "n", 4)),
    call("types", "x.long(), x.to(torch.float64), x.int() + 1, (x > 0).float()", x=X),
]

reductions = [
    call("torch.sum", "x.sum(), x.sum(1), x.sum((1, 2)), x.sum(-1, keepdim=True)", x=X),
    call("torch.mean", "x.mean(), x.mean(1), x.mean((0, 2)), x.mean(-1, keepdim=True)", x=X),
    call("torch.prod", "x.prod(1), x.prod()", x=X),
    call("torch.amax", "x.amax(1), x.amin((1, 2)), x.amax(-1, keepdim=True)", x=X),
    call("torch.max", "x.max(), x.max(1)[0], x.max(1)[1], x.min(-1, keepdim=True)[0]", x=X),
    call("torch.argmax", "x.argmax(1), x.argmin(-1, keepdim=True)", x=X),
    call("torch.var", "x.var(1), x.var(1, unbiased=False), x.std(-1, keepdim=True)", x=X),
    call("torch.var_mean", "torch.var_mean(x, 1), torch.std_mean(x, 2)", x=X),
    call("torch.norm", "x.norm(), x.norm(dim=1), x.norm(p=1, dim=1), torch.norm(x, 3.0, 1)", x=X),
    call("torch.linalg.norm", "torch.linalg.norm(x, dim=1), torch.linalg.vector_norm(x, 3.0, 1)", x=X),
    call("torch.logsumexp", "torch.logsumexp(x, 1), torch.logsumexp(x, -1, keepdim=True)", x=X),
    call("torch.cumsum", "torch.cumsum(x, 1)", x=X),
    call("torch.cumprod", "torch.cumprod(x, 1)", x=X),
    call("torch.any", "(x > 0).any(1), (x > -1).all(2)", x=X),
    call("torch.count_nonzero", "torch.count_nonzero(x > 0, 1)", x=X),
    call("torch.median", "torch.median(x, 1)[0], torch.median(x, -1, keepdim=True)[1]", x=f("n", 5, 3)),
    call("torch.median", "torch.median(x)", x=f(4, 3)),
    call("torch.kthvalue", "torch.kthvalue(x, 2, 1)[0], x.kthvalue(1)[1]", x=f("n", 5, 3)),
    call("F.normalize", "F.normalize(x, dim=1), F.normalize(x, p=1.0, dim=2)", x=X),
    call("F.layer_norm", "F.layer_norm(x, (5,))", x=X),
    call("F.softmax", "F.softmax(x, 1), F.log_softmax(x, -1)", x=X),
]

places = [
    call("slices", "x[:, 1:3], x[..., -1], x[:, ::2], x[:, None, 0]", x=X),
    call("indexing", "x[:, i]", "one tensor", x=X, i=ints(4, 3)),
    call("indexing", "x[:, i, j]", "two tensors", x=X, i=ints(4, 3), j=ints(5, 3)),
    call("indexing", "x[i]", "the first dim", x=f(4, 5), i=ints(4, "n")),
    call("indexing", "y = x.clone()\ny[:, 1] = 3.0\nreturn y", "assignment", x=X),
    call("torch.gather", "torch.gather(x, 1, i)", x=X, i=ints(4, "n", 3, 5)),
    call("torch.take_along_dim", "torch.take_along_dim(x, i, 1)", x=X, i=ints(4, "n", 3, 5)),
    call("torch.scatter", "torch.zeros_like(x).scatter(1, i, x)", x=f("n", 4), i=ints(1, "n", 1)),
    call("torch.scatter", "x.scatter(1, i, 2.5), x.scatter_add(1, i, y)", x=f("n", 4), i=ints(4, "n", 3), y=f("n", 5)),
    call("torch.scatter_add", "torch.zeros_like(x).scatter_add(1, i, x)", x=f("n", 4), i=ints(4, "n", 4)),
    call("torch.index_select", "torch.index_select(x, 1, i)", x=X, i=ints(4, 3)),
    call("torch.index_add", "x.index_add(1, i, y)", x=X, i=ints(4, 3), y=f("n", 3, 5)),
    call("torch.sort", "torch.sort(x, 1)[0], torch.sort(x, -1, descending=True)[1]", x=X),
    call("torch.argsort", "torch.argsort(x, 1), x.argsort(-1, descending=True)", x=X),
    call("torch.topk", "torch.topk(x, 2, 1)[0], x.topk(3, largest=False)[1]", x=X),
    call("torch.cat", "torch.cat([x, y], 1), torch.stack([x, y], 1), torch.hstack([x, y])", x=X, y=Y),
    call("torch.split", "torch.split(x, 2, 1)[1], x.chunk(2, 1)[0], x.split([1, 3], 1)[1], x.unbind(1)[2]", x=X),
    call("torch.permute", "x.permute(2, 0, 1), x.transpose(1, 2), x.swapaxes(0, 1), x.movedim(1, 2)", x=X),
    call("torch.reshape", "x.reshape(-1, 20), x.view(x.size(0), -1), x.flatten(1), x.unflatten(1, (2, 2))", x=X),
    call("torch.squeeze", "x.unsqueeze(1).squeeze(1), x.unsqueeze(-1)", x=X),
    call("torch.expand", "x.unsqueeze(1).expand(-1, 3, -1, -1), x.repeat(1, 2, 1), x.repeat_interleave(2, 1)", x=X),
    call("torch.flip", "x.flip(1), x.roll(1, 2), torch.roll(x, (1, 2), (1, 2))", x=X),
    call("torch.tril", "x.tril(), x.triu(1)", x=M),
    call("torch.diagonal", "x.diagonal(dim1=1, dim2=2)", x=M),
    call("torch.nonzero", "torch.nonzero(x > 0)", x=f(4, 5)),
    call("torch.masked_select", "torch.masked_select(x, x > 0)", x=f(4, 5)),
    call("torch.unique", "torch.unique(x)", x=ints(5, 9)),
    call("torch.arange", "torch.arange(x.size(1)) + x.sum(-1)", x=X),
    call("torch.zeros, ones, full", "torch.zeros(x.size(0), 2) + torch.full((2,), 3.0), torch.ones_like(x)", x=X),
    call("torch.linspace", "torch.linspace(0.0, 1.0, 5) * x", x=X),
    call("torch.meshgrid", "torch.meshgrid(x, y, indexing='ij')[0] * 1.0", x=f(4), y=f(5)),
    call("torch.bucketize", "torch.bucketize(x, b)", x=X, b=f(1)),
    call("F.one_hot", "F.one_hot(x, 5)", x=ints(5, "n", 3)),
]

products = [
    call("torch.matmul", "x @ y.transpose(1, 2), torch.bmm(x, y.transpose(1, 2))", x=X, y=Y),
    call("torch.einsum", "torch.einsum('bij,bkj->bik', x, y), torch.einsum('bij->bi', x)", x=X, y=Y),
    call("torch.addmm", "torch.addmm(b, x, w)", x=f("n", 5), w=f(5, 3), b=f(3)),
    call("torch.baddbmm", "torch.baddbmm(m, x, y.transpose(1, 2), beta=0.5)", m=M, x=X, y=Y),
    call("torch.outer", "torch.outer(x, y), torch.dot(x, x)", x=f(4), y=f(5)),
    call("torch.tensordot", "torch.tensordot(x, w, dims=([1, 2], [0, 1]))", x=X, w=f(4, 5, 3)),
    call("torch.linalg.det", "torch.linalg.det(x)", x=M),
    call("torch.linalg.inv", "torch.linalg.inv(x)", x=M),
    call("torch.linalg.inv", "torch.inverse(x)", x=f(3, 3)),
    call("torch.linalg.cross", "torch.linalg.cross(x, y)", x=f("n", 3), y=f("n", 3)),
    call("torch.trace", "torch.trace(x)", x=f(4, 4)),
    call("torch.cdist", "torch.cdist(x, y)", x=X, y=f("n", 3, 5)),
    call("torch.cdist", "torch.cdist(x, y, p=1.0)", x=X, y=f("n", 3, 5)),
    call("F.cosine_similarity", "F.cosine_similarity(x, y, dim=-1)", x=X, y=Y),
    call("F.pairwise_distance", "F.pairwise_distance(x, y)", x=X, y=Y),
    call("F.linear", "F.linear(x, w, b)", x=X, w=f(3, 5), b=f(3)),
    call("F.bilinear", "F.bilinear(x, y, w)", x=f("n", 4), y=f("n", 5), w=f(3, 4, 5)),
    call("F.gumbel_softmax", "F.gumbel_softmax(x)", x=X),
]

flow = [
    call("if on data", "if bool(x.sum() > 0):\n    x = x * 2\nreturn x", x=X),
    call(
        "for over a size",
        "y = torch.zeros_like(x[:, 0])\nfor at in range(x.size(1)):\n    y = torch.tanh(y + x[:, at])\nreturn y",
        x=X,
    ),
    call(
        "lists",
        """
        parts = []
        for one in x.split(2, 1):
            parts.append(one * 2)
        parts.append(x)
        return torch.cat(parts, 1), torch.stack(parts[:2], 1), parts[-1] + len(parts)
        """,
        "of parts",
        x=X,
    ),
    call(
        "lists",
        """
        steps = []
        h = torch.zeros_like(x[:, 0])
        for at in range(x.size(1)):
            h = torch.tanh(h + x[:, at])
            steps.append(h)
        return torch.stack(steps, 1)
        """,
        "of steps",
        x=f("n", "length", 5),
    ),
    call(
        "break, continue, return",
        """
        for at in range(6):
            if at == 2:
                continue
            x = x * 2 - at
            if bool(x.sum() > 9):
                break
            if bool(x.max() > 40):
                return x
        return x.abs()
        """,
        "in a loop",
        x=X,
    ),
    call("while on data", "while bool(x.abs().max() > 1):\n    x = x / 2\nreturn x", x=X),
]

CASES = [*elements, *reductions, *places, *products, *(dataclasses.replace(case, without=("trace",)) for case in flow)]
