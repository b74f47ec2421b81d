"""Reports: the publication under discussion, or that came of one."""
