"""What authors of a benchmark write, and how it becomes the one document that is shipped.

Nothing here runs at a scan: a scan reads the compiled JSON, and refuses YAML.
"""
