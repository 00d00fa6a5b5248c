"""Wire format only: the shapes of bodies, and how one becomes a submission."""
