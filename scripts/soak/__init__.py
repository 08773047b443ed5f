"""Hours of students who come and go, and what the server's processes hold meanwhile."""
