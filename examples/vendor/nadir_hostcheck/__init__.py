"""Who can log in to a container host over ssh, and what Nadir Systems asks of it."""
