"""Draws a person in a room with OpenGL on EGL: no screen, and no GPU needed."""

from pathlib import Path
from typing import Any, Final

import cv2
import moderngl
import numpy as np
from numpy.typing import NDArray

from coach_server.errors import InputError
from scripts.studio.camera import Camera, look_at
from scripts.studio.room import MAT_M, Decor, RoomMesh
from scripts.studio.rotations import Array, unit
from scripts.studio.wardrobe import Dressed

Picture = NDArray[np.uint8]

SUPERSAMPLING: Final = 2
"""Drawn this many times larger each way: edges cut per pixel (cloth, hair) are smoothed too."""
SHADOW_SIZE: Final = 1536
SHADOW_RADIUS_M: Final = 2.1
MARGIN_PX: Final = 24
"""Around person and shadow: as far as the shade under the feet and soft edges reach."""
SHADERS: Final = Path(__file__).parent / "shaders"


class Renderer:
    """One scene: a room, and a person who moves in it.

    Args:
        camera: what the picture is seen by.
        decor: the light of the room.
        room: its mesh.
        person: the person's mesh at rest.

    Raises:
        InputError: this machine has no EGL to draw with.
    """

    def __init__(self, camera: Camera, decor: Decor, room: RoomMesh, person: Dressed) -> None:
        self._gl = _egl_context()
        self._camera = camera
        size = (camera.width * SUPERSAMPLING, camera.height * SUPERSAMPLING)
        gl = self._gl
        self._scene: Any = gl.program(_source("scene.vert"), _source("scene.frag"))
        self._shadow: Any = gl.program(_source("shadow.vert"), _source("shadow.frag"))
        self._target = gl.framebuffer([gl.renderbuffer(size, 3)], gl.depth_renderbuffer(size))
        self._shadow_map = gl.depth_texture((SHADOW_SIZE, SHADOW_SIZE))
        self._shadow_map.compare_func = "<="
        self._shadow_target = gl.framebuffer(depth_attachment=self._shadow_map)
        self._light = unit(decor.sun)
        self._back_m = decor.back_m
        self._empty: Picture | None = None
        self._load_room(room)
        self._load_person(person)
        self._set_light(decor)
        self._set_cut(person)

    def draw(self, points: Array, normals: Array, feet: Array) -> Picture:
        """A picture of the person in the room.

        Args:
            points: (V, 3) the person's mesh, world axes.
            normals: (V, 3) its unit normals.
            feet: (2, 3) x, pressure on the floor from 0 to 1, z of each foot.

        Returns:
            (height, width, 3) RGB.
        """
        with self._gl:  # several scenes may be open at a time
            if self._empty is None:
                nowhere = np.zeros_like(points)
                whole = (0, 0, self._camera.width, self._camera.height)
                self._empty = self._draw_part(nowhere, nowhere, np.zeros((2, 3)), whole)
            picture = self._empty.copy()
            left, top, right, bottom = self._changed(points)
            part = self._draw_part(points, normals, feet, (left, top, right, bottom))
        picture[top:bottom, left:right] = part
        return picture

    def _draw_part(
        self, points: Array, normals: Array, feet: Array, part: tuple[int, int, int, int]
    ) -> Picture:
        """The part of the picture between (left, top) and (right, bottom), pixels."""
        left, top, right, bottom = part
        size = (right - left, bottom - top)
        wide, high = (SUPERSAMPLING * side for side in size)
        below = self._camera.height - bottom  # OpenGL counts rows from the bottom
        box = (SUPERSAMPLING * left, SUPERSAMPLING * below, wide, high)
        self._moving.write(np.concatenate([points, normals], axis=1).astype("f4").tobytes())
        self._gl.enable(moderngl.DEPTH_TEST)
        self._shadow_target.use()
        self._shadow_target.clear(depth=1.0)
        self._person_shadow.render()
        self._room_shadow.render()
        self._target.use()
        self._target.scissor = box
        self._target.clear(0.7, 0.7, 0.7, 1.0)
        self._shadow_map.use(0)
        self._scene["feet"].write(feet.astype("f4").tobytes())
        self._person_scene.render()
        self._room_scene.render()
        drawn = np.frombuffer(self._target.read(viewport=box, components=3, alignment=1), np.uint8)
        upright = drawn.reshape(high, wide, 3)[::-1]
        return np.asarray(cv2.resize(upright, size, interpolation=cv2.INTER_AREA), np.uint8)

    def _changed(self, points: Array) -> tuple[int, int, int, int]:
        """What differs from the empty room: (left, top, right, bottom) of person and shadow."""
        light = self._light
        on_floor = points - light * ((points[:, 1:2] + MAT_M) / light[1])
        on_wall = points - light * ((points[:, 2:] - self._back_m) / light[2])
        shadow = np.where(on_floor[:, 2:] > self._back_m, on_floor, on_wall)
        seen = self._camera.to_pixels(np.concatenate([points, shadow]))
        limit = np.array([self._camera.width, self._camera.height])
        low = np.clip(np.floor(seen.min(axis=0)) - MARGIN_PX, 0, limit - 1).astype(int)
        high = np.clip(np.ceil(seen.max(axis=0)) + MARGIN_PX, low + 1, limit).astype(int)
        return int(low[0]), int(low[1]), int(high[0]), int(high[1])

    def close(self) -> None:
        """Free the context and all that was made in it."""
        self._gl.release()

    def _load_room(self, room: RoomMesh) -> None:
        columns = [room.points, room.normals, room.colours, room.materials, room.points]
        buffer = self._gl.buffer(np.concatenate(columns, axis=1).astype("f4").tobytes())
        names = ("position", "normal", "colour", "material", "rest")
        self._room_scene = self._gl.vertex_array(self._scene, [(buffer, "3f 3f 3f 3f 3f", *names)])
        self._room_shadow = self._gl.vertex_array(self._shadow, [(buffer, "3f 48x", "position")])

    def _load_person(self, person: Dressed) -> None:
        fixed = np.concatenate([person.colours, person.materials, person.rest], axis=1)
        still = self._gl.buffer(fixed.astype("f4").tobytes())
        index = self._gl.buffer(person.triangles.astype("u4").tobytes())
        self._moving = self._gl.buffer(reserve=len(person.rest) * 24, dynamic=True)
        layout = [
            (self._moving, "3f 3f", "position", "normal"),
            (still, "3f 3f 3f", "colour", "material", "rest"),
        ]
        self._person_scene = self._gl.vertex_array(self._scene, layout, index)
        only_points = [(self._moving, "3f 12x", "position")]
        self._person_shadow = self._gl.vertex_array(self._shadow, only_points, index)

    def _set_light(self, decor: Decor) -> None:
        towards = self._light
        middle = np.array([0.0, 0.8, 0.0])
        box = np.diag([1 / SHADOW_RADIUS_M, 1 / SHADOW_RADIUS_M, -2 / 11.9, 1.0])
        box[2, 3] = -12.1 / 11.9
        light = box @ look_at(towards * 6.0 + middle, middle)
        camera = self._camera
        self._scene["view_projection"].write(_columns(camera.projection() @ camera.view()))
        for program in (self._scene, self._shadow):
            program["light_projection"].write(_columns(light))
        self._scene["light"] = tuple(towards)
        self._scene["eye"] = tuple(camera.eye)
        self._scene["key"] = decor.key
        self._scene["ambient"] = decor.ambient
        self._scene["shadow_map"] = 0
        self._scene["shadow_texel"] = 1.0 / SHADOW_SIZE

    def _set_cut(self, person: Dressed) -> None:
        cut = person.cut
        self._scene["hair_colour"] = tuple(person.hair)
        self._scene["iris_colour"] = tuple(person.iris)
        self._scene["shoulder"] = tuple(cut.shoulder)
        self._scene["arm_axis"] = tuple(cut.arm_axis)
        self._scene["sleeve"] = cut.sleeve_m
        self._scene["neck"] = (*cut.neck, cut.neck_m)
        self._scene["hems"] = (cut.hem_y, cut.waist_y, cut.cuff_y)
        self._scene["eye_rest"] = tuple(cut.eye)


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


def _columns(matrix: Array) -> bytes:
    """A matrix as OpenGL wants it: column by column, in floats."""
    return matrix.T.astype("f4").tobytes()
