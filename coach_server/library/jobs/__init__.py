"""Long work behind the server: a ledger of jobs, a queue, workers, one limited process a job."""
