"""Lists the fixtures that every test may use; they stand by topic in tests/fixtures."""

pytest_plugins = [
    "tests.fixtures.api",
    "tests.fixtures.browser",
    "tests.fixtures.clock",
    "tests.fixtures.collecting",
    "tests.fixtures.console",
    "tests.fixtures.console_server",
    "tests.fixtures.counting",
    "tests.fixtures.database",
    "tests.fixtures.desk",
    "tests.fixtures.popup_page",
    "tests.fixtures.postgres",
    "tests.fixtures.processes",
    "tests.fixtures.receiver",
    "tests.fixtures.registers",
    "tests.fixtures.screening",
    "tests.fixtures.valkey",
    "tests.fixtures.frequency",
    "tests.fixtures.gate",
    "tests.fixtures.ledger",
    "tests.fixtures.live_gateway",
]
