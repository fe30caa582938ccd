"""Known consumers: who they are, their keys, and the usage plans that they are on."""
