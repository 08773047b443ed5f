"""All scenes of all pages in one browser."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from browser.chromium import Scheme, Watch
from browser.desk import Desk
from browser.server_process import ServerProcess
from playwright.sync_api import Browser

from scripts.pages import desk_scenes
from scripts.pages.gallery import Gallery
from scripts.pages.practice_scenes import KEEP_PEERS, practice

SIZES: Final[dict[tuple[int, int], Scheme]] = {
    (1280, 720): "dark",
    (390, 844): "light",
    (1920, 1080): "dark",
}
SCENES: Final[dict[str, Callable[[Desk, Gallery], None]]] = {
    "library": desk_scenes.library,
    "edit": desk_scenes.edit,
    "compare": desk_scenes.compare,
    "review": desk_scenes.review,
    "trust": desk_scenes.trust,
    "practice": practice,
}


def shoot(
    opened: Browser, server: ServerProcess, data: Path, gallery: Gallery, scenes: Iterable[str]
) -> None:
    """Photograph these scenes, and note what pages do that they should not."""
    context = opened.new_context()
    context.add_init_script(KEEP_PEERS)
    desk = Desk(server, data, context, Watch(host=server.host), gallery.folder)
    desk_scenes.furnish(desk)
    for name in scenes:
        try:
            SCENES[name](desk, gallery)
        except Exception as error:  # noqa: BLE001  # the other pages are photographed all the same
            gallery.complaints.append(f"{name}: {type(error).__name__}: {error}")
        gallery.complaints += [f"{name}: {fault}" for fault in desk.watch.faults]
        desk.close_pages()
    context.close()
