"""The libraries that are compared: one module each, run in a process of its own."""
