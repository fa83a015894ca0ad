import geo.errors
from geo.errors import AppError


def _all_errors(cls=AppError):
    """The classes of the tree; what other modules derive for themselves is no part of it."""
    if cls.__module__ == geo.errors.__name__:
        yield cls
        for child in cls.__subclasses__():
            yield from _all_errors(child)


def test_the_tree_in_the_docstring_is_complete():
    assert geo.errors.__doc__
    assert all(f"{cls.__name__} " in geo.errors.__doc__ for cls in _all_errors())


def test_every_class_leads_to_a_declared_exit_code():
    assert {cls.exit_code for cls in _all_errors()} == {1, 2, 3}


def test_a_user_reads_what_happened_and_what_to_do():
    assert str(AppError("文件是空的。", hint="请换一个文件。")) == "文件是空的。 请换一个文件。"
    assert str(AppError("文件是空的。")) == "文件是空的。"
