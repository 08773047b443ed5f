"""Students' live sessions in asyncio: registry, admission, inference off the loop."""
