"""Shared by all tests. Figures of real call logs are found through `LAUREL_DATA`."""
