import json
import logging

import pytest
from starlette.requests import Request

from geo import errors
from geo.errors import AppError
from pages.web.errors import STATUS, answer_app_error, answer_unexpected, status_of
from pages.web.session import SessionOver


def all_errors(kind: type[AppError] = AppError) -> set[type[AppError]]:
    return {kind}.union(*(all_errors(below) for below in kind.__subclasses__()))


def request() -> Request:
    return Request({"type": "http", "method": "GET", "path": "/tiles/x", "query_string": b"", "headers": []})


def test_every_error_of_the_tree_has_its_own_status():
    named = {kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, AppError)}
    assert named | {SessionOver} == set(STATUS)


def test_a_more_special_error_has_the_status_of_the_nearest_class_above():
    for kind in all_errors() - {SessionOver}:
        assert status_of(kind("x")) == STATUS[next(above for above in kind.__mro__ if above in STATUS)]


@pytest.mark.parametrize("handler", [answer_app_error, answer_unexpected])
def test_a_user_reads_the_message_and_the_hint(handler):
    answer = handler(request(), errors.StoreMissing("还没有数据库。", hint="请先初始化。"))
    assert answer.status_code == 503
    assert json.loads(answer.body) == {"message": "还没有数据库。", "hint": "请先初始化。"}


def test_of_an_unexpected_error_a_user_gets_a_number_that_the_log_explains(caplog):
    with caplog.at_level(logging.ERROR, logger="minqing.web"):
        answer = answer_unexpected(request(), ZeroDivisionError("secret detail at /root/x.py"))
    assert answer.status_code == 500
    body = answer.body.decode()
    assert "secret" not in body
    assert "/root" not in body
    incident = caplog.records[0].args[0]
    assert incident in body
    assert "secret detail" in str(caplog.records[0].exc_info[1])
