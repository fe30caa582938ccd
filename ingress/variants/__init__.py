"""Several operations behind one route: some of its calls go elsewhere."""
