import pytest

# Their asserts explain themselves like those of a test module.
pytest.register_assert_rewrite("tests.contracts.brokers.contract", "tests.contracts.brokers.kit")
