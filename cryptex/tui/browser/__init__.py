"""The terminal in a browser on this machine: who may come in, the page, and a process for each visitor."""
