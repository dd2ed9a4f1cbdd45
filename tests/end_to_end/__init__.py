"""The whole house: real processes, real sockets, real files."""
