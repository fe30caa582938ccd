"""Observers: functions of a finished Flow. They look, and change nothing."""
