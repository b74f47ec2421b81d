"""Journeys: the whole service as real processes, through HTTP and mail, beside software that is not ours."""
