"""`python -m coach_server`: the same as the `coach-server` command."""

from coach_server.cli.app import main

main()
