"""Several operations at once for one request, and one merged answer."""
