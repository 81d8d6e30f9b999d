"""How to read what several probes look at: one module for each kind of thing on a host."""
