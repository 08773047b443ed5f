"""WebRTC by aiortc: offers, ingest, channels, peers; knows nothing of poses."""
