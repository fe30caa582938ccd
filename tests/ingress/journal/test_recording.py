from ingress.journal.recording import Recording


def test_what_nobody_says_is_metadata_of_every_request() -> None:
    """Without more all requests are recorded, without headers and bodies."""
    recording = Recording()
    assert (recording.level, recording.sample) == ("metadata", 1.0)
