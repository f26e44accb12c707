"""What developers run: the local AWS, the packager, the benchmarks, the pinned binaries."""
