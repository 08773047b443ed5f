"""aiohttp routes and what guards them."""
