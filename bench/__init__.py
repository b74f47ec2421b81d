"""
The measurements: `python -m bench`, or `make bench`; `quick` for small ones, names for some of them.

Each stands beside the bare thing it is made of, on the same machine in the same minute: read the ratios. Everything
stays on this machine, in temporary folders and processes that end with the measurement.
"""
