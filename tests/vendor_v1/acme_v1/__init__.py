"""A plugin written against version 1 of the contract, as it was first published."""
