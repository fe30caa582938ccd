"""``python -m ingress.cli`` is ``queuegate``."""

from ingress.cli import main

main()
