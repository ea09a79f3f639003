"""The use cases, one file each: what Python and the command line share."""
