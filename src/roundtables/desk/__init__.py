"""The desk: what organisers see when they have signed in. Doors only; each noun keeps its own pages too."""
