"""The probes, analyses, benchmarks and formats that come with hostcheck, registered as anybody's are."""
