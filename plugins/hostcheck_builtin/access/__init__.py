"""Who may do what with a file: the users of a host, the groups they can act with, and what the kernel lets them do."""
