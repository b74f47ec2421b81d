"""
Posts: what came of a discussion, and what readers see.

attribution.py  decides what the public may see, and reads a post against the guest list
"""
