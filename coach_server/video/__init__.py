"""Reading and writing films by PyAV."""
