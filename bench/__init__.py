"""The benchmark: queuegate and its peers on the same work. `python -m bench --help` tells more."""
