import pytest

# Their asserts explain themselves like those of a test module.
for name in ("contract_messages", "contract_pulls", "contract_queues", "contract_states", "kit"):
    pytest.register_assert_rewrite(f"tests.contracts.brokers.{name}")
