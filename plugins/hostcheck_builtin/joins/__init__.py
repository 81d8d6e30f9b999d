"""What analyses join facts by: the users of a host and their groups, what the kernel lets them do with a file, and the ranges of their ids."""
