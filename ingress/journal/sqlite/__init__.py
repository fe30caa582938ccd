"""A journal in an SQLite file that all gateway processes of a machine share."""
