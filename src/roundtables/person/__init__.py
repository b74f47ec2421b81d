"""People: who they are, whatever they attend."""
