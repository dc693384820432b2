"""Settings: one variable each, wrong ones named with reason and way out."""

from pathlib import Path

import pytest

from services.platform import settings
from services.platform.settings import BadSetting


def test_nothing_has_to_be_set() -> None:
    found = settings.load({})
    assert (found.port, found.database, found.broker, found.data) == (8000, None, None, Path(".daybook"))


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("ab" * 32 + "\n")
    assert settings.load({"DAYBOOK_MASTER_KEY_FILE": str(tmp_path / "key")}).master_key == "ab" * 32


def test_an_override_wins_over_the_environment() -> None:
    assert settings.load({"DAYBOOK_PORT": "81"}, port=82).port == 82
    assert settings.load({"DAYBOOK_PORT": "81"}, port=None).port == 81


@pytest.mark.parametrize(
    ("variable", "value", "reason"),
    [
        ("DAYBOOK_PORT", "eighty", "whole number from 0 to 65535"),
        ("DAYBOOK_PORT", "65536", "whole number"),
        ("DAYBOOK_PORT", "", "whole number"),
        ("DAYBOOK_STOP_SECONDS", "-1", "seconds from"),
        ("DAYBOOK_STOP_SECONDS", "nan", "seconds from"),
        ("DAYBOOK_BROKER", "http://x", "amqp://"),
        ("DAYBOOK_DATABASE", "mysql://x", "postgresql://"),
        ("DAYBOOK_TIME_ZONE", "Mars/Olympus", "IANA time zone"),
        ("DAYBOOK_SERVICES", "enrollment", "service=URL"),
        ("DAYBOOK_LOG_LEVEL", "loud", "one of debug"),
        ("DAYBOOK_MASTER_KEY_FILE", "/nowhere/key", "cannot be read"),
        ("DAYBOOK_PROT", "80", "no such setting"),
    ],
)
def test_a_wrong_setting_is_named_with_reason_and_way_out(variable: str, value: str, reason: str) -> None:
    with pytest.raises(BadSetting, match=reason) as refused:
        settings.load({variable: value})
    assert refused.value.variable == variable
    assert refused.value.way_out


def test_a_refusal_never_repeats_a_secret() -> None:
    with pytest.raises(BadSetting) as refused:
        settings.load({"DAYBOOK_BROKER": "http://user:hunter2@x"})
    assert "hunter2" not in str(refused.value)


def test_where_services_are_is_a_mapping() -> None:
    found = settings.load({"DAYBOOK_SERVICES": "enrollment=http://e:1/, scheduling=https://s"})
    assert found.services == {"enrollment": "http://e:1", "scheduling": "https://s"}
