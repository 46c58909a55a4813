"""Convolutions, pools, padding, and what changes the number of pixels."""

from __future__ import annotations

from torch import nn

from . import call, f, layer, net

X1, X2, X3 = f("n", 4, 11), f("n", 4, 9, 11), f("n", 4, 5, 7, 6)


class Unpooled(nn.Module):
    """A maximum brought back to where it was."""

    def __init__(self, rank):
        super().__init__()
        kinds = {
            1: (nn.MaxPool1d, nn.MaxUnpool1d),
            2: (nn.MaxPool2d, nn.MaxUnpool2d),
            3: (nn.MaxPool3d, nn.MaxUnpool3d),
        }
        self.pool = kinds[rank][0](2, return_indices=True)
        self.unpool = kinds[rank][1](2)

    def forward(self, x):
        y, indices = self.pool(x)
        return self.unpool(y, indices)


class OutputSize(nn.Module):
    """A transposed convolution that is told the size to reach."""

    def __init__(self):
        super().__init__()
        self.conv = nn.ConvTranspose2d(4, 6, 3, stride=2)

    def forward(self, x):
        return self.conv(x, output_size=[20, 24])


convolutions = [
    layer(nn.Conv1d, 4, 6, 3, on=X1),
    layer(nn.Conv1d, 4, 6, 3, stride=2, padding=1, dilation=2, groups=2, bias=False, on=X1),
    layer(nn.Conv1d, 4, 6, 4, padding="same", on=X1, id="same, even kernel"),
    layer(nn.Conv1d, 4, 6, 3, padding="same", dilation=2, on=X1),
    layer(nn.Conv1d, 4, 6, 3, padding="valid", on=X1),
    layer(nn.Conv1d, 4, 6, 3, on=f(4, 11), id="without batch"),
    layer(nn.Conv1d, 4, 6, 3, on=f("n", 4, "length"), id="any length"),
    *(
        layer(nn.Conv1d, 4, 6, 4, padding=padding, padding_mode=mode, on=X1)
        for mode in ("zeros", "reflect", "replicate", "circular")
        for padding in (2, "same")
    ),
    layer(nn.Conv2d, 4, 6, 3, on=X2),
    layer(nn.Conv2d, 4, 6, (3, 2), stride=(2, 1), padding=(1, 2), dilation=(1, 2), groups=2, on=X2),
    layer(nn.Conv2d, 4, 4, 3, groups=4, on=X2, id="depthwise"),
    layer(nn.Conv2d, 4, 6, (4, 3), padding="same", on=X2, id="same, even kernel"),
    *(
        layer(nn.Conv2d, 4, 6, (4, 3), padding=padding, padding_mode=mode, on=X2)
        for mode in ("zeros", "reflect", "replicate", "circular")
        for padding in ((2, 1), "same")
    ),
    layer(nn.Conv3d, 4, 6, 3, on=X3),
    layer(nn.Conv3d, 4, 6, (2, 3, 1), stride=(1, 2, 1), padding=(1, 0, 2), dilation=(2, 1, 1), groups=2, on=X3),
    layer(nn.Conv3d, 4, 6, 2, padding="same", on=X3, id="same, even kernel"),
    layer(nn.Conv3d, 4, 6, 3, padding=1, padding_mode="circular", on=X3),
    layer(nn.ConvTranspose1d, 4, 6, 3, on=X1),
    layer(nn.ConvTranspose1d, 4, 6, 3, stride=3, padding=1, output_padding=2, dilation=2, groups=2, on=X1),
    layer(nn.ConvTranspose2d, 4, 6, 3, bias=False, on=X2),
    layer(nn.ConvTranspose2d, 4, 6, (3, 2), stride=(2, 3), padding=(1, 0), output_padding=(1, 2), groups=2, on=X2),
    layer(nn.ConvTranspose3d, 4, 6, 3, stride=2, padding=1, output_padding=1, on=X3),
    net("nn.ConvTranspose2d", OutputSize, "output_size", x=X2),
]

pools = [
    layer(nn.MaxPool1d, 3, on=X1),
    layer(nn.MaxPool1d, 3, stride=2, padding=1, dilation=2, ceil_mode=True, on=X1),
    layer(nn.MaxPool1d, 2, return_indices=True, on=X1),
    layer(nn.MaxPool2d, 2, on=X2),
    layer(nn.MaxPool2d, (3, 2), stride=(2, 1), padding=(1, 0), dilation=(1, 2), ceil_mode=True, on=X2),
    layer(nn.MaxPool2d, 2, return_indices=True, on=X2),
    layer(nn.MaxPool2d, 3, on=f("n", 4, "length", 11), id="any height"),
    layer(nn.MaxPool3d, 2, stride=1, on=X3),
    layer(nn.MaxPool3d, 2, return_indices=True, on=X3),
    *(
        net(f"nn.MaxUnpool{rank}d", lambda rank=rank: Unpooled(rank), "of a pool", x=x)
        for rank, x in enumerate((f("n", 4, 12), f("n", 4, 8, 10), f("n", 4, 4, 8, 6)), 1)
    ),
    layer(nn.AvgPool1d, 3, on=X1),
    layer(nn.AvgPool1d, 3, stride=2, padding=1, ceil_mode=True, on=X1),
    layer(nn.AvgPool1d, 3, stride=2, padding=1, ceil_mode=True, count_include_pad=False, on=X1),
    layer(nn.AvgPool2d, 2, on=X2),
    layer(nn.AvgPool2d, (3, 2), stride=(2, 1), padding=(1, 0), ceil_mode=True, on=X2),
    layer(nn.AvgPool2d, 3, padding=1, count_include_pad=False, on=X2),
    layer(nn.AvgPool2d, 3, divisor_override=5, on=X2),
    layer(nn.AvgPool3d, 2, stride=1, on=X3),
    layer(nn.AvgPool3d, 2, divisor_override=3, padding=1, on=X3),
    layer(nn.LPPool1d, 2, 3, on=X1),
    layer(nn.LPPool1d, 1.5, 3, stride=2, ceil_mode=True, on=f("n", 4, 11, low=0.1)),
    layer(nn.LPPool2d, 2, (3, 2), on=f("n", 4, 9, 11, low=0.1)),
    layer(nn.LPPool3d, 3, 2, on=f("n", 4, 5, 7, 6, low=0.1)),
    layer(nn.AdaptiveAvgPool1d, 1, on=X1),
    layer(nn.AdaptiveAvgPool1d, 5, on=f("n", 4, 10), id="multiple"),
    layer(nn.AdaptiveAvgPool1d, 4, on=X1, id="no multiple"),
    layer(nn.AdaptiveAvgPool2d, (1, 1), on=X2),
    layer(nn.AdaptiveAvgPool2d, (3, None), on=X2),
    layer(nn.AdaptiveAvgPool2d, (4, 5), on=X2, id="no multiple"),
    layer(nn.AdaptiveAvgPool3d, (2, 3, 4), on=X3),
    layer(nn.AdaptiveMaxPool1d, 1, on=X1),
    layer(nn.AdaptiveMaxPool1d, 5, on=f("n", 4, 10), id="multiple"),
    layer(nn.AdaptiveMaxPool1d, 4, on=X1, id="no multiple"),
    layer(nn.AdaptiveMaxPool1d, 4, return_indices=True, on=X1, id="indices"),
    layer(nn.AdaptiveMaxPool2d, (4, 5), on=X2),
    layer(nn.AdaptiveMaxPool3d, (2, 3, 4), on=X3),
    layer(nn.FractionalMaxPool2d, 2, output_size=(4, 5), on=X2),
]

sizes = [
    *(
        layer(nn.ZeroPad1d, (1, 2), on=X1),
        layer(nn.ZeroPad2d, (1, 2, 0, 3), on=X2),
        layer(nn.ZeroPad3d, (1, 2, 0, 3, 2, 1), on=X3),
    ),
    *(
        layer(nn.ConstantPad1d, (1, 2), 3.5, on=X1),
        layer(nn.ConstantPad2d, (1, -2, 0, 3), 3.5, on=X2),
        layer(nn.ConstantPad3d, 1, 3.5, on=X3),
    ),
    *(
        layer(getattr(nn, f"{kind}Pad{rank}d"), tuple(range(1, 2 * rank + 1)) if rank < 3 else (2, 1, 1, 0, 1, 2), on=x)
        for kind in ("Reflection", "Replication", "Circular")
        for rank, x in enumerate((f("n", 4, 12), f("n", 4, 8, 10), f("n", 4, 4, 8, 6)), 1)
    ),
    layer(nn.Upsample, scale_factor=2, on=X1),
    layer(nn.Upsample, size=17, on=X1),
    layer(nn.Upsample, scale_factor=2.5, mode="linear", on=X1),
    layer(nn.Upsample, scale_factor=2, mode="linear", align_corners=True, on=X1),
    layer(nn.Upsample, scale_factor=(2, 3), on=X2),
    layer(nn.Upsample, scale_factor=1.7, mode="nearest", on=X2),
    layer(nn.Upsample, scale_factor=1.7, mode="nearest-exact", on=X2),
    layer(nn.Upsample, size=(7, 23), mode="nearest-exact", on=X2),
    layer(nn.Upsample, scale_factor=2, mode="bilinear", on=X2),
    layer(nn.Upsample, size=(13, 8), mode="bilinear", align_corners=True, on=X2),
    layer(nn.Upsample, scale_factor=1.7, mode="bilinear", recompute_scale_factor=True, on=X2),
    layer(nn.Upsample, scale_factor=2, mode="bicubic", on=X2),
    layer(nn.Upsample, size=(13, 8), mode="bicubic", align_corners=True, on=X2),
    layer(nn.Upsample, scale_factor=2, mode="trilinear", on=X3),
    layer(nn.Upsample, size=(7, 9, 8), mode="trilinear", align_corners=True, on=X3),
    layer(nn.UpsamplingNearest2d, scale_factor=2, on=X2),
    layer(nn.UpsamplingBilinear2d, scale_factor=2, on=X2),
    layer(nn.Unfold, (3, 2), on=X2),
    layer(nn.Unfold, (3, 2), dilation=(2, 1), padding=(1, 2), stride=(2, 3), on=X2),
    layer(nn.Fold, (5, 7), (2, 3), on=f("n", 12, 20)),
    layer(nn.Fold, (5, 7), (2, 3), dilation=(2, 1), padding=(1, 0), stride=(1, 2), on=f("n", 12, 15)),
]

functions = [
    call("F.interpolate", "F.interpolate(x, scale_factor=2.0, mode='bilinear', align_corners=False)", x=X2),
    call("F.interpolate", "F.interpolate(x, size=(5, 6), mode='bilinear', antialias=True)", x=X2),
    call("F.interpolate", "F.interpolate(x, size=(5, 6), mode='bicubic', antialias=True)", x=X2),
    call("F.interpolate", "F.interpolate(x, size=(4, 6), mode='area')", x=X2),
    call("F.interpolate", "F.interpolate(x, size=(y.shape[2], y.shape[3]))", x=X2, y=f("n", 2, 5, 7)),
    *(
        call(
            "F.grid_sample",
            f"F.grid_sample(x, g, mode='{mode}', padding_mode='{padding}', align_corners={corners})",
            x=X2,
            g=f("n", 5, 3, 2, low=-1.3, high=1.3),
        )
        for mode, padding, corners in (
            ("bilinear", "zeros", False),
            ("nearest", "border", True),
            ("bicubic", "reflection", False),
            ("bilinear", "reflection", True),
        )
    ),
    call(
        "F.grid_sample",
        "F.grid_sample(x, g, align_corners=False)",
        "volume",
        x=X3,
        g=f("n", 2, 3, 5, 3, low=-1.2, high=1.2),
    ),
    call("F.affine_grid", "F.affine_grid(t, [2, 4, 5, 7], align_corners=False)", t=f(2, 2, 3)),
    call("F.pad", "F.pad(x, (1, 2), value=0.5)", x=X1),
    call("F.pad", "F.pad(x, (-1, 2, 0, -3))", x=X2),
    call("F.pad", "F.pad(x, (1, 2, 2, 1), mode='reflect')", x=X2),
    call("F.unfold", "F.unfold(x, 2)", x=X2),
    call("F.fold", "F.fold(x, (5, 7), (2, 3))", x=f("n", 12, 20)),
    call("F.avg_pool2d", "F.avg_pool2d(x, 3, ceil_mode=True)", x=X2),
    call("F.max_pool2d", "F.max_pool2d(x, x.shape[2])", x=f("n", 4, 5, 5), id="of the input's size"),
    call("F.adaptive_avg_pool2d", "F.adaptive_avg_pool2d(x, (2, 3))", x=X2),
    call("F.conv2d", "F.conv2d(x, w, stride=2)", "weights at run time", x=X2, w=f(6, 4, 3, 3)),
    call("F.conv1d", "F.conv1d(x, w)", "weights at run time", x=X1, w=f(6, 4, 3)),
    call("F.pixel_shuffle", "F.pixel_shuffle(x, 2)", x=X2),
    call("F.lp_pool2d", "F.lp_pool2d(x, 2.0, 3)", x=f("n", 4, 9, 11, low=0.1)),
    call("F.local_response_norm", "F.local_response_norm(x, 3)", x=X2),
    call("F.channel_shuffle", "F.channel_shuffle(x, 2)", x=X2),
]

CASES = [*convolutions, *pools, *sizes, *functions]
