import pytest

from geo.errors import InputError
from pages.web.settings import WebSettings


def test_nothing_set_means_eight_hours_and_no_proxy():
    assert WebSettings.from_environment({}) == WebSettings(secret="", trust_proxy=False, session_s=8 * 3600)


def test_the_environment_is_read():
    given = {"MINQING_SECRET": "k" * 32, "MINQING_TRUST_PROXY": "1", "MINQING_SESSION_HOURS": "2"}
    assert WebSettings.from_environment(given) == WebSettings(
        secret="k" * 32, trust_proxy=True, session_s=7200
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MINQING_SECRET", "short"),
        ("MINQING_SESSION_HOURS", "0"),
        ("MINQING_SESSION_HOURS", "25"),
        ("MINQING_SESSION_HOURS", "-1"),
        ("MINQING_SESSION_HOURS", "eight"),
        ("MINQING_PORT", "0"),
        ("MINQING_PORT", "http"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(name, value):
    with pytest.raises(InputError):
        WebSettings.from_environment({name: value})
