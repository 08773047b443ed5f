"""Frames of any size and form onto canvases, on the device: one upload for all of a batch."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import interpolate

from coach_server.inference.keypoint_rcnn.letterbox import Letterbox
from coach_server.inference.protocols import Frame, Planes
from coach_server.inference.tensorrt.static_step import HostBuffer

_BLACK: Final = (16.0, 128.0, 128.0)
"""Y, U, V of black in the limited range."""
_TO_RGB: Final = (
    (255 / 219, 0.0, 1.402 * 255 / 224),
    (255 / 219, -0.344136 * 255 / 224, -0.714136 * 255 / 224),
    (255 / 219, 1.772 * 255 / 224, 0.0),
)
"""R, G, B of Y, U, V less black's: BT.601, limited range to full (ITU-R BT.601-7, 2.5)."""


class PictureUpload:
    """Brings frames to the device, through memory that grows to the largest batch so far.

    Args:
        device: where they go.
        mean: R, G, B 0..255 of the pixels beside a picture.
    """

    def __init__(self, device: torch.device, mean: Sequence[float]) -> None:
        self._device = device
        self._buffer = HostBuffer((0,), device, torch.uint8)
        self._mean = torch.tensor(mean, device=device).reshape(3, 1, 1)
        self._black = torch.tensor(_BLACK, device=device).reshape(3, 1, 1)
        self._to_rgb = torch.tensor(_TO_RGB, device=device)

    def send(self, frames: Sequence[Frame]) -> list[Tensor]:
        """Frames as bytes on the device, (height, width, 3) or I420's planes; does not wait.

        They are good until frames are sent again.
        """
        arrays = [frame.planes if isinstance(frame, Planes) else frame for frame in frames]
        ends = np.cumsum([array.size for array in arrays])
        if ends[-1] > len(self._buffer.array):
            self._buffer = HostBuffer((int(ends[-1]),), self._device, torch.uint8)
        sent = []
        for array, end in zip(arrays, ends, strict=True):
            start = end - array.size
            # One copy, which closes up padded rows.
            np.copyto(self._buffer.array[start:end].reshape(array.shape), array)
            sent.append(self._buffer.tensor[start:end].view(array.shape))
        self._buffer.send(int(ends[-1]))
        return sent

    def draw(self, sent: Tensor, letterbox: Letterbox, canvas: Tensor) -> None:
        """Put a frame that was sent onto a canvas (3, H, W) float32, RGB 0..255."""
        rgb = sent.permute(2, 0, 1).float() if sent.dim() == 3 else self._rgb_of(sent)
        width, height = letterbox.size
        if letterbox.size != letterbox.frame:
            # Made smaller, pixels are averaged, as Detectron2's own reader does.
            rgb = interpolate(rgb[None], (height, width), mode="bilinear", antialias=True)[0]
        canvas[:, :height, :width] = rgb
        canvas[:, height:] = self._mean
        canvas[:, :height, width:] = self._mean

    def _rgb_of(self, planes: Tensor) -> Tensor:
        """(3, height, width) RGB 0..255 of I420."""
        width = planes.shape[1]
        height = planes.shape[0] * 2 // 3
        chroma = planes[height:].reshape(2, height // 2, width // 2).float()
        chroma = chroma.repeat_interleave(2, dim=1).repeat_interleave(2, dim=2)
        yuv = torch.cat([planes[None, :height].float(), chroma]) - self._black
        rgb = torch.matmul(self._to_rgb, yuv.flatten(1)).reshape(yuv.shape)
        return rgb.round_().clamp_(0, 255)
