"""Draws a person in a room with OpenGL on EGL: no screen, and no GPU needed."""

from pathlib import Path
from typing import Any, Final

import cv2
import moderngl
import numpy as np
from numpy.typing import NDArray

from coach_server.errors import InputError
from scripts.studio.camera import FAR_M, NEAR_M, Camera, look_at
from scripts.studio.room import MAT_M, Decor, RoomMesh
from scripts.studio.rotations import Array, unit
from scripts.studio.wardrobe import Dressed, Kind

Picture = NDArray[np.uint8]
Region = tuple[int, int, int, int]
"""A part of a picture: left, top, right, bottom in pixels, the last two not in it."""

SUPERSAMPLING: Final = 2
"""Drawn this many times larger each way: edges cut per pixel (cloth, hair) are smoothed too."""
SHADOW_SIZE: Final = 1024
SHADOW_RADIUS_M: Final = 2.1
OUTLINE: Final = 8
"""One in so many points of the mesh tells where the body is; its neighbours are within the margin.
"""
MARGIN_PX: Final = 24
"""Around person and shadow: as far as the shade under the feet and soft edges reach."""
SHADERS: Final = Path(__file__).parent / "shaders"


class Renderer:
    """One scene: a room, and a person who moves in it.

    The room is drawn once. Each picture then draws the person, and the person's shadow on it.

    Args:
        camera: what the picture is seen by.
        decor: the light of the room.
        room: its mesh.
        person: the person's mesh at rest.
        supersampling: drawn this many times larger each way; 1 is coarse and fast.

    Raises:
        InputError: this machine has no EGL to draw with.
    """

    def __init__(
        self,
        camera: Camera,
        decor: Decor,
        room: RoomMesh,
        person: Dressed,
        *,
        supersampling: int = SUPERSAMPLING,
    ) -> None:
        self._gl = _egl_context()
        self._camera = camera
        self._fine = supersampling
        self._size = (camera.width * supersampling, camera.height * supersampling)
        gl = self._gl
        self._person = gl.program(_source("scene.vert"), _lit_source("person.frag"))
        self._receiver: Any = gl.program(_source("scene.vert"), _lit_source("receiver.frag"))
        self._shadow = gl.program(_source("shadow.vert"), _source("shadow.frag"))
        self._target = gl.framebuffer(
            [gl.renderbuffer(self._size, 3)], gl.depth_renderbuffer(self._size)
        )
        self._shadow_map = gl.depth_texture((SHADOW_SIZE, SHADOW_SIZE))
        self._shadow_map.compare_func = "<="
        self._shadow_target = gl.framebuffer(depth_attachment=self._shadow_map)
        self._light = unit(decor.sun)
        self._back_m = decor.back_m
        self._drawn: Region = (0, 0, 0, 0)
        self._load_person(person)
        self._set_cut(person)
        self._empty_room = gl.texture(self._size, 4)
        self._empty = self._draw_room(decor, room)
        for program in (self._person, self._receiver, self._shadow):
            self._set_light(program, decor)

    def draw(
        self, points: Array, normals: Array, feet: Array, region: Region | None = None
    ) -> Picture:
        """A picture of the person in the room.

        Args:
            points: (V, 3) the person's mesh, world axes.
            normals: (V, 3) its unit normals.
            feet: (2, 3) x, pressure on the floor from 0 to 1, z of each foot.
            region: where the person is wanted; elsewhere the picture shows the empty room.

        Returns:
            (height, width, 3) RGB.
        """
        picture = self._empty.copy()
        left, top, right, bottom = self._drawn = self._changed(points, region)
        if left < right and top < bottom:
            with self._gl:  # several scenes may be open at a time
                picture[top:bottom, left:right] = self._draw_part(points, normals, feet)
        return picture

    def depth(self) -> Array:
        """(height, width) metres along the camera's z of what was drawn last.

        Infinite where nothing was: there is only the room.
        """
        wide, high = self._size
        with self._gl:
            raw = self._target.read(components=1, attachment=-1, dtype="f4", alignment=1)
        upright = np.frombuffer(raw, np.float32).reshape(high, wide)[::-1]
        clip = 2.0 * upright[:: self._fine, :: self._fine].astype(np.float64) - 1.0
        metres = np.full(clip.shape, np.inf)
        left, top, right, bottom = self._drawn
        part = np.s_[top:bottom, left:right]
        metres[part] = 2.0 * NEAR_M * FAR_M / (FAR_M + NEAR_M - clip[part] * (FAR_M - NEAR_M))
        return metres

    def _draw_part(self, points: Array, normals: Array, feet: Array) -> Picture:
        """What differs from the empty room."""
        left, top, right, bottom = self._drawn
        size = (right - left, bottom - top)
        wide, high = (self._fine * side for side in size)
        below = self._camera.height - bottom  # OpenGL counts rows from the bottom
        box = (self._fine * left, self._fine * below, wide, high)
        self._moving.write(np.concatenate([points, normals], axis=1).astype("f4").tobytes())
        self._gl.enable(moderngl.DEPTH_TEST)
        self._shadow_target.use()
        self._shadow_target.clear(depth=1.0)
        self._person_shadow.render()
        self._target.use()
        self._target.scissor = box
        self._target.clear(0.7, 0.7, 0.7, 1.0)
        self._shadow_map.use(0)
        self._empty_room.use(1)
        self._receiver["feet"].write(feet.astype("f4").tobytes())
        self._gl.enable(moderngl.CULL_FACE)  # of skin only: one looks into sleeves
        self._person_scene.render(vertices=self._skin_indices)
        self._gl.disable(moderngl.CULL_FACE)
        self._person_scene.render(first=self._skin_indices)
        self._room_scene.render()
        drawn = np.frombuffer(self._target.read(viewport=box, components=3, alignment=1), np.uint8)
        return _shrunk(drawn.reshape(high, wide, 3)[::-1], size)

    def _changed(self, points: Array, region: Region | None) -> Region:
        """Where person and shadow are in the picture, and in the region."""
        light, points = self._light, points[::OUTLINE]
        on_floor = points - light * ((points[:, 1:2] + MAT_M) / light[1])
        on_wall = points - light * ((points[:, 2:] - self._back_m) / light[2])
        shadow = np.where(on_floor[:, 2:] > self._back_m, on_floor, on_wall)
        seen = self._camera.to_pixels(np.concatenate([points, shadow]))
        limit = np.array([self._camera.width, self._camera.height])
        low = np.clip(np.floor(seen.min(axis=0)) - MARGIN_PX, 0, limit - 1).astype(int)
        high = np.clip(np.ceil(seen.max(axis=0)) + MARGIN_PX, low + 1, limit).astype(int)
        if region is not None:
            low = np.maximum(low, region[:2])
            high = np.minimum(high, region[2:])
        return int(low[0]), int(low[1]), int(high[0]), int(high[1])

    def close(self) -> None:
        """Free the context and all that was made in it."""
        self._gl.release()

    def _draw_room(self, decor: Decor, room: RoomMesh) -> Picture:
        """Draw the room with nobody in it: for the eye, and for the pictures to come."""
        gl = self._gl
        columns = [room.points, room.normals, room.colours, room.materials]
        buffer = gl.buffer(np.concatenate(columns, axis=1).astype("f4").tobytes())
        painter = gl.program(_source("scene.vert"), _lit_source("room.frag"))
        self._set_light(painter, decor)
        self._set_light(self._shadow, decor)
        attributes = ("position", "normal", "colour", "material")
        painted = gl.vertex_array(painter, [(buffer, "3f 3f 3f 3f", *attributes)])
        shadow = gl.vertex_array(self._shadow, [(buffer, "3f 36x", "position")])
        places = [(buffer, "3f 3f 24x", "position", "normal")]
        self._room_scene = gl.vertex_array(self._receiver, places)
        target = gl.framebuffer([self._empty_room], gl.depth_renderbuffer(self._size))
        gl.enable(moderngl.DEPTH_TEST)
        self._shadow_target.use()
        self._shadow_target.clear(depth=1.0)
        shadow.render()
        target.use()
        target.clear(0.7, 0.7, 0.7, 1.0)
        self._shadow_map.use(0)
        painted.render()
        drawn = np.frombuffer(target.read(components=3, alignment=1), np.uint8)
        wide, high = self._size
        return _shrunk(
            drawn.reshape(high, wide, 3)[::-1], (self._camera.width, self._camera.height)
        )

    def _load_person(self, person: Dressed) -> None:
        fixed = np.concatenate([person.colours, person.materials, person.rest], axis=1)
        still = self._gl.buffer(fixed.astype("f4").tobytes())
        skin = person.materials[person.triangles[:, 0], 0] == Kind.SKIN
        skin_first = np.concatenate([person.triangles[skin], person.triangles[~skin]])
        index = self._gl.buffer(skin_first.astype("u4").tobytes())
        self._moving = self._gl.buffer(reserve=len(person.rest) * 24, dynamic=True)
        layout = [
            (self._moving, "3f 3f", "position", "normal"),
            (still, "3f 3f 3f", "colour", "material", "rest"),
        ]
        self._person_scene = self._gl.vertex_array(self._person, layout, index)
        self._skin_indices = 3 * int(skin.sum())
        only_points = [(self._moving, "3f 12x", "position")]
        self._person_shadow = self._gl.vertex_array(self._shadow, only_points, index)

    def _set_light(self, program: moderngl.Program, decor: Decor) -> None:
        towards = self._light
        middle = np.array([0.0, 0.8, 0.0])
        box = np.diag([1 / SHADOW_RADIUS_M, 1 / SHADOW_RADIUS_M, -2 / 11.9, 1.0])
        box[2, 3] = -12.1 / 11.9
        camera = self._camera
        values: dict[str, Any] = {
            "light_projection": _columns(box @ look_at(towards * 6.0 + middle, middle)),
            "view_projection": _columns(camera.projection() @ camera.view()),
            "light": tuple(towards),
            "eye": tuple(camera.eye),
            "key": decor.key,
            "ambient": decor.ambient,
            "shadow_map": 0,
            "empty_room": 1,
            "shadow_texel": 1.0 / SHADOW_SIZE,
        }
        _set(program, values)

    def _set_cut(self, person: Dressed) -> None:
        cut = person.cut
        values = {
            "hair_colour": tuple(person.hair),
            "iris_colour": tuple(person.iris),
            "shoulder": tuple(cut.shoulder),
            "arm_axis": tuple(cut.arm_axis),
            "sleeve": cut.sleeve_m,
            "neck": (*cut.neck, cut.neck_m),
            "hems": (cut.hem_y, cut.waist_y, cut.cuff_y),
            "eye_rest": tuple(cut.eye),
        }
        _set(self._person, values)


def _egl_context() -> moderngl.Context:
    try:
        return moderngl.create_context(standalone=True, backend="egl")  # type: ignore[arg-type] # the stub takes only a dict
    except Exception as error:  # moderngl raises no narrower one
        raise InputError(
            f"OpenGL cannot be used without a screen here: {error}.",
            hint="On Debian and Ubuntu: apt install libegl1 libgl1-mesa-dri",
        ) from error


def _source(name: str) -> str:
    return (SHADERS / name).read_text()


def _lit_source(name: str) -> str:
    """A fragment shader that sees the light."""
    return _source("light.glsl") + _source(name)


def _set(program: moderngl.Program, values: dict[str, Any]) -> None:
    """Set those uniforms that a program has."""
    for name, value in values.items():
        if name not in program:
            continue
        member: Any = program[name]  # the stub knows no kinds of members
        if isinstance(value, bytes):
            member.write(value)
        else:
            member.value = value


def _shrunk(upright: NDArray[np.uint8], size: tuple[int, int]) -> Picture:
    """A supersampled picture at the size (width, height) of the camera's."""
    if upright.shape[1::-1] == size:
        return np.ascontiguousarray(upright)
    return np.asarray(cv2.resize(upright, size, interpolation=cv2.INTER_AREA), np.uint8)


def _columns(matrix: Array) -> bytes:
    """A matrix as OpenGL wants it: column by column, in floats."""
    return matrix.T.astype("f4").tobytes()
