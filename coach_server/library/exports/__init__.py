"""A track in the formats of other programs: one file a format, and the table of them."""

from coach_server.library.exports.formats import FORMATS, Format, export_track

__all__ = ["FORMATS", "Format", "export_track"]
