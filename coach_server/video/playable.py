"""Making a film that every browser plays: H.264 in mp4, index first."""

from pathlib import Path
from typing import Final

import av
from av.audio.resampler import AudioResampler
from av.container import InputContainer, OutputContainer
from av.error import FFmpegError
from av.video.stream import VideoStream

from coach_server.errors import MediaError
from coach_server.video.reader import CONTAINERS, MAX_PIXELS

_AUDIO_PLAYED: Final = {"aac", "mp3"}
_FASTSTART: Final = {"movflags": "+faststart"}
_X264: Final = {"preset": "veryfast", "crf": "23"}


def make_playable(source: Path, target: Path) -> None:
    """Write `source` to `target` as an mp4 for browsers; copied where it already is one.

    Raises:
        MediaError: the film cannot be read.
    """
    limits = {"max_pixels": str(MAX_PIXELS), "format_whitelist": CONTAINERS}
    try:
        with (
            av.open(str(source), options=limits) as film,
            av.open(str(target), "w", format="mp4", options=_FASTSTART) as out,
        ):
            video = film.streams.video[0]
            if _plays(film, video):
                _copy(film, out)
            else:
                _transcode(film, video, out)
    except FFmpegError as error:
        raise MediaError(
            f"{source.name} cannot be made playable for browsers: {error.strerror}.",
            hint="Convert it to an H.264 mp4 and try again.",
        ) from error


def _plays(film: InputContainer, video: VideoStream) -> bool:
    return (
        "mp4" in film.format.name
        and video.codec_context.name == "h264"
        and video.codec_context.pix_fmt in ("yuv420p", "yuvj420p")
        and all(sound.codec_context.name in _AUDIO_PLAYED for sound in film.streams.audio)
    )


def _copy(film: InputContainer, out: OutputContainer) -> None:
    streams = {
        stream.index: out.add_stream_from_template(stream)
        for stream in (film.streams.video[0], *film.streams.audio[:1])
    }
    for packet in film.demux():
        if packet.dts is not None and packet.stream_index in streams:
            packet.stream = streams[packet.stream_index]
            out.mux(packet)


def _transcode(film: InputContainer, video: VideoStream, out: OutputContainer) -> None:
    rate = video.average_rate or video.guessed_rate or 30
    picture = out.add_stream("libx264", rate=rate, options=_X264)
    # chroma is halved: sides must be even
    picture.width = video.codec_context.width // 2 * 2
    picture.height = video.codec_context.height // 2 * 2
    picture.pix_fmt = "yuv420p"
    sound_in = film.streams.audio[0] if film.streams.audio else None
    sound_out = out.add_stream("aac", rate=48_000) if sound_in else None
    resampler = AudioResampler(format="fltp", layout="stereo", rate=48_000)
    rotation: int | None = None
    for packet in film.demux([stream for stream in (video, sound_in) if stream]):
        for frame in packet.decode():
            if isinstance(frame, av.VideoFrame):
                if rotation is None:
                    rotation = frame.rotation
                    picture.set_display_rotation(rotation)
                shown = frame.reformat(picture.width, picture.height, "yuv420p", threads=1)
                shown.pict_type = av.video.frame.PictureType.NONE
                out.mux(picture.encode(shown))
            elif sound_out and isinstance(frame, av.AudioFrame):
                for piece in resampler.resample(frame):
                    out.mux(sound_out.encode(piece))
    out.mux(picture.encode(None))
    if sound_out:
        for piece in resampler.resample(None):
            out.mux(sound_out.encode(piece))
        out.mux(sound_out.encode(None))
