"""A practice's report as files to keep: a table, and a page that needs nothing but itself."""
