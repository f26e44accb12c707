"""Developer tools: the local AWS, the packager, the benchmarks and the pinned binaries."""
