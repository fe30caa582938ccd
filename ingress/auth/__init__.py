"""Who is calling: what a caller shows, who checks it, and what is known afterwards."""
