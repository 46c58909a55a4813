"""Networks of high-energy physics, written from what their papers say; small, with all of their parts."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import torch
from torch import Tensor, nn


def mlp(*widths: int) -> nn.Sequential:
    """Linear layers with ReLU between them."""
    layers: list[nn.Module] = []
    for first, second in itertools.pairwise(widths):
        layers += [nn.Linear(first, second), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


class ParticleFlow(nn.Module):
    """A Particle Flow Network (Komiske, Metodiev, Thaler 2018), a Deep Set: F(sum of Phi over the particles that are there)."""

    def __init__(self) -> None:
        super().__init__()
        self.phi, self.f = mlp(4, 10, 8), mlp(8, 6, 3)

    def forward(self, particles: Tensor, mask: Tensor) -> Tensor:
        latent = self.phi(particles) * mask.unsqueeze(-1)
        return torch.softmax(self.f(latent.sum(1)), -1)


class EnergyFlow(nn.Module):
    """An Energy Flow Network: the sum is weighted with the energies, which makes it safe against soft and collinear ones."""

    def __init__(self) -> None:
        super().__init__()
        self.phi, self.f = mlp(2, 10, 8), mlp(8, 6, 1)

    def forward(self, energies: Tensor, directions: Tensor) -> Tensor:
        shares = energies / energies.sum(1, keepdim=True)
        return torch.sigmoid(self.f(torch.einsum("bn,bnf->bf", shares, self.phi(directions))))


class EdgeConv(nn.Module):
    """ParticleNet's block: each particle with its nearest neighbours, their differences through convolutions, the mean, a shortcut."""

    def __init__(self, neighbours: int, inner: int, *widths: int) -> None:
        super().__init__()
        self.neighbours = neighbours
        layers: list[nn.Module] = []
        for first, second in itertools.pairwise((2 * inner, *widths)):
            layers += [nn.Conv2d(first, second, 1, bias=False), nn.BatchNorm2d(second), nn.ReLU()]
        self.net = nn.Sequential(*layers)
        self.shortcut = nn.Sequential(nn.Conv1d(inner, widths[-1], 1, bias=False), nn.BatchNorm1d(widths[-1]))

    def forward(self, points: Tensor, features: Tensor) -> Tensor:
        inner = -2 * torch.matmul(points.transpose(2, 1), points)
        squares = (points**2).sum(1, keepdim=True)
        distances = -squares - inner - squares.transpose(2, 1)
        index = distances.topk(self.neighbours + 1, dim=-1)[1][:, :, 1:]
        batch, channels, particles = features.size(0), features.size(1), features.size(2)
        flat = index.reshape(batch, 1, particles * self.neighbours).expand(batch, channels, particles * self.neighbours)
        near = torch.gather(features, 2, flat).reshape(batch, channels, particles, self.neighbours)
        own = features.unsqueeze(-1).expand(batch, channels, particles, self.neighbours)
        edges = torch.cat([own, near - own], 1)
        return torch.relu(self.net(edges).mean(-1) + self.shortcut(features))


class ParticleNet(nn.Module):
    """ParticleNet (Qu, Gouskos 2019): edge convolutions, from the second on in the space of features, then the mean over particles."""

    def __init__(
        self, features: int = 4, neighbours: int = 3, blocks: Sequence[Sequence[int]] = ((6, 6), (8, 8)), dense: int = 7
    ) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(features)
        inner = (features, *(widths[-1] for widths in blocks))
        self.blocks = nn.ModuleList(EdgeConv(neighbours, n, *widths) for n, widths in zip(inner, blocks, strict=False))
        self.fc = nn.Sequential(nn.Linear(inner[-1], dense), nn.ReLU(), nn.Dropout(0.1), nn.Linear(dense, 2))

    def forward(self, points: Tensor, features: Tensor, mask: Tensor) -> Tensor:
        far = (1 - mask) * 1e3
        x = self.norm(features) * mask
        space = points
        for block in self.blocks:
            x = block(space + far, x) * mask
            space = x
        return self.fc(x.sum(-1) / mask.sum(-1))


class PairwiseFeatures(nn.Module):
    """The Particle Transformer's interactions: logarithms of distance, kT, z and mass of each pair, through convolutions."""

    def __init__(self, heads: int) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.BatchNorm1d(4), nn.Conv1d(4, 6, 1), nn.BatchNorm1d(6), nn.GELU(), nn.Conv1d(6, heads, 1)
        )

    def forward(self, momenta: Tensor) -> Tensor:
        px, py, pz, energy = momenta.split((1, 1, 1, 1), 1)
        pt = torch.sqrt(px**2 + py**2)
        rapidity = 0.5 * torch.log(1 + (2 * pz) / (energy - pz).clamp(min=1e-20))
        phi = torch.atan2(py, px)
        one, other = pt.unsqueeze(-1), pt.unsqueeze(-2)
        turn = phi.unsqueeze(-1) - phi.unsqueeze(-2)
        turn = torch.remainder(turn + torch.pi, 2 * torch.pi) - torch.pi
        delta = torch.sqrt((rapidity.unsqueeze(-1) - rapidity.unsqueeze(-2)) ** 2 + turn**2)
        least = torch.minimum(one, other)
        pair = momenta.unsqueeze(-1) + momenta.unsqueeze(-2)
        mass = (pair[:, 3:] ** 2 - (pair[:, :3] ** 2).sum(1, keepdim=True)).clamp(min=1e-8)
        values = torch.cat([(least * delta), least / (one + other), delta, mass], 1)
        features = torch.log(values.clamp(min=1e-8))
        batch, length = momenta.shape[0], momenta.shape[2]
        return self.net(features.view(batch, 4, length * length)).view(batch, -1, length, length)


class ParticleTransformerBlock(nn.Module):
    """A block with norms before and after, heads scaled one by one, and interactions added to the scores."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.width, self.heads = width, heads
        self.before, self.after = nn.LayerNorm(width), nn.LayerNorm(width)
        self.inner, self.middle = nn.LayerNorm(width), nn.LayerNorm(2 * width)
        self.joint, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)
        self.head_scale, self.residual_scale = nn.Parameter(torch.ones(heads)), nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor, interactions: Tensor, padding: Tensor) -> Tensor:
        batch, length = x.shape[0], x.shape[1]
        parts = self.joint(self.before(x)).view(batch, length, 3, self.heads, self.width // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4).unbind(0)
        scores = query @ key.transpose(-1, -2) / (self.width // self.heads) ** 0.5 + interactions
        scores = scores.masked_fill(padding[:, None, None, :], -1e9)
        heads = torch.einsum("bhld,h->blhd", torch.softmax(scores, -1) @ value, self.head_scale)
        x = x + self.after(self.out(heads.reshape(batch, length, self.width)))
        return torch.mul(self.residual_scale, x) + self.down(self.middle(nn.functional.gelu(self.up(self.inner(x)))))


class ParticleTransformer(nn.Module):
    """The Particle Transformer (Qu, Li, Qian 2022): attention with the interactions of pairs, then of a class token."""

    def __init__(self, width: int = 8, heads: int = 2) -> None:
        super().__init__()
        self.embed = nn.Sequential(nn.LayerNorm(5), nn.Linear(5, width), nn.GELU())
        self.pairs = PairwiseFeatures(heads)
        self.blocks = nn.ModuleList(ParticleTransformerBlock(width, heads) for _ in range(2))
        self.token = nn.Parameter(torch.randn(1, 1, width))
        self.attention = nn.MultiheadAttention(width, heads, batch_first=True)
        self.norm, self.fc = nn.LayerNorm(width), nn.Linear(width, 3)

    def forward(self, features: Tensor, momenta: Tensor, mask: Tensor) -> Tensor:
        padding = mask < 0.5
        x = self.embed(features) * mask.unsqueeze(-1)
        interactions = self.pairs(momenta)
        for block in self.blocks:
            x = block(x, interactions, padding)
        token = self.token.expand(x.shape[0], -1, -1)
        everything = torch.cat([token, x], 1)
        hidden = torch.cat([torch.zeros_like(padding[:, :1]), padding], 1)
        result, _ = self.attention(token, everything, everything, key_padding_mask=hidden, need_weights=False)
        return self.fc(self.norm(token + result)[:, 0])


class GravNet(nn.Module):
    """A GravNet block (Qasim and others 2019): neighbours in a learned space, features weighted with exp(-10 d^2), mean and max."""

    def __init__(self, neighbours: int = 3) -> None:
        super().__init__()
        self.neighbours = neighbours
        self.space, self.features = nn.Linear(5, 2), nn.Linear(5, 4)
        self.out = nn.Linear(5 + 2 * 4, 6)

    def forward(self, x: Tensor) -> Tensor:
        place, features = self.space(x), self.features(x)
        distances = ((place.unsqueeze(2) - place.unsqueeze(1)) ** 2).sum(-1)
        near, index = torch.topk(distances, self.neighbours + 1, dim=-1, largest=False)
        near, index = near[:, :, 1:], index[:, :, 1:]
        batch, length, width = features.shape[0], features.shape[1], features.shape[2]
        flat = index.reshape(batch, -1, 1).expand(-1, -1, width)
        gathered = torch.gather(features, 1, flat).view(batch, length, self.neighbours, width)
        weighted = gathered * torch.exp(-10 * near).unsqueeze(-1)
        collected = torch.cat([x, weighted.mean(2), weighted.max(2)[0]], -1)
        return torch.tanh(self.out(collected))


class CalorimeterUNet(nn.Module):
    """A U-Net for calorimeter images: down by pools, up by transposed convolutions, joined at each level."""

    def __init__(self) -> None:
        super().__init__()
        self.down1, self.down2, self.bottom = self._block(1, 4), self._block(4, 6), self._block(6, 8)
        self.pool = nn.MaxPool2d(2)
        self.lift2, self.lift1 = nn.ConvTranspose2d(8, 6, 2, stride=2), nn.ConvTranspose2d(6, 4, 2, stride=2)
        self.up2, self.up1 = self._block(12, 6), self._block(8, 4)
        self.head = nn.Conv2d(4, 2, 1)

    @staticmethod
    def _block(inner: int, outer: int) -> nn.Sequential:
        return nn.Sequential(
            nn.Conv2d(inner, outer, 3, padding=1), nn.BatchNorm2d(outer), nn.LeakyReLU(0.1),
            nn.Conv2d(outer, outer, 3, padding=1, padding_mode="circular"), nn.BatchNorm2d(outer), nn.LeakyReLU(0.1),
        )  # fmt: skip

    def forward(self, image: Tensor) -> Tensor:
        first = self.down1(image)
        second = self.down2(self.pool(first))
        x = self.lift2(self.bottom(self.pool(second)))
        x = self.lift1(self.up2(torch.cat([x, second], 1)))
        return torch.sigmoid(self.head(self.up1(torch.cat([x, first], 1))))


class VariationalAutoencoder(nn.Module):
    """A VAE as an anomaly detector: the mean is decoded, and the distance to the input and to the prior comes out."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder, self.mean, self.log_variance = mlp(7, 10, 6), nn.Linear(6, 3), nn.Linear(6, 3)
        self.decoder = mlp(3, 10, 7)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        hidden = torch.relu(self.encoder(x))
        mean, log_variance = self.mean(hidden), self.log_variance(hidden)
        z = mean
        if self.training:
            z = mean + torch.randn_like(mean) * torch.exp(0.5 * log_variance)
        result = self.decoder(z)
        prior = -0.5 * (1 + log_variance - mean**2 - log_variance.exp()).sum(1)
        return result, nn.functional.mse_loss(result, x, reduction="none").mean(1), prior


class AffineCoupling(nn.Module):
    """Coupling layers of a normalizing flow (RealNVP): one half scales and moves the other, by turns; and the density."""

    def __init__(self) -> None:
        super().__init__()
        self.nets = nn.ModuleList(mlp(3, 8, 6) for _ in range(2))
        self.register_buffer("order", torch.tensor([5, 3, 1, 4, 2, 0]))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        volume = torch.zeros_like(x[:, 0])
        for net in self.nets:
            kept, changed = x.chunk(2, 1)
            scale, shift = net(kept).chunk(2, 1)
            scale = torch.tanh(scale)
            x = torch.cat([kept, changed * torch.exp(scale) + shift], 1)[:, self.order]
            volume = volume + scale.sum(1)
        return x, volume - 0.5 * (x**2 + 1.8378770664093453).sum(1)


class LstmTagger(nn.Module):
    """A flavour tagger: an LSTM over the tracks of a jet in both directions, its last states joined with the jet's variables."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(6, 5, num_layers=2, batch_first=True, bidirectional=True, dropout=0.2)
        self.head = nn.Sequential(nn.Linear(10 + 4, 8), nn.BatchNorm1d(8), nn.ELU(), nn.Linear(8, 3))

    def forward(self, tracks: Tensor, jet: Tensor) -> Tensor:
        _, (last, _) = self.lstm(tracks)
        return torch.log_softmax(self.head(torch.cat([last[-2], last[-1], jet], 1)), -1)
