"""The server: sequencer, journal, recovery and the edge that users reach; one process on one port."""
