"""The application object (应用): what is made once must say what Flask and Jinja would have said each time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask, url_for
from jinja2 import DictLoader, pass_context

if TYPE_CHECKING:
    from collections.abc import Iterator

ADDRESSES: list[tuple[str, dict[str, Any]]] = [
    ("tasks.index", {}),
    ("tasks.index", {"town": "440606005", "kind": "visit"}),
    ("tasks.show", {"code": "T-0123456789"}),
    ("tasks.show", {"code": "a/b ?#温"}),
    ("portal.file", {"file_no": "440606TK2026000001", "tab": "needs", "measure": "money"}),
    ("tasks.index", {"page": None}),
    ("tasks.index", {"page": 1}),
    ("tasks.index", {"page": True}),
    ("tasks.index", {"skill": ["理发", "做饭"]}),
    ("tasks.show", {"code": "T-0123456789", "_anchor": "seats"}),
    ("tasks.show", {"code": "T-0123456789", "_external": True}),
    (".index", {"when": "week"}),
]


@pytest.fixture
def template(app: Flask) -> Iterator[Any]:
    """Lets a test write templates of its own."""
    sources: dict[str, str] = {}
    kept, app.jinja_env.loader = app.jinja_env.loader, DictLoader(sources)
    app.jinja_env.cache.clear()  # type: ignore[union-attr]  # there is one

    def write(**written: str) -> Any:
        sources.update({f"{name}.html": text for name, text in written.items()})
        return app.jinja_env.get_template("page.html")

    yield write
    app.jinja_env.loader = kept
    app.jinja_env.cache.clear()  # type: ignore[union-attr]  # there is one


@pytest.mark.parametrize(("endpoint", "values"), ADDRESSES)
@pytest.mark.parametrize("base", ["http://localhost/", "http://localhost/shanlin/"])
def test_an_address_is_the_one_that_flask_builds(
    app: Flask, endpoint: str, values: dict[str, Any], base: str
) -> None:
    with app.test_request_context("/tasks", base_url=base):
        expected = Flask.url_for(app, endpoint, **values)

        assert [url_for(endpoint, **values) for _ in range(2)] == [expected] * 2


def test_a_relative_address_belongs_to_the_page_that_asks(app: Flask) -> None:
    with app.test_request_context("/tasks"):
        assert url_for(".index") == "/tasks"
    with app.test_request_context("/households"):
        assert url_for(".index") == "/households"


def test_a_static_file_has_its_fingerprint_however_it_is_asked_for(app: Flask) -> None:
    with app.test_request_context("/tasks"):
        found = url_for("static", filename="css/base.css")

        assert found == Flask.url_for(app, "static", filename="css/base.css")
        assert "?v=" in found


def test_a_function_that_wants_the_context_still_gets_it(app: Flask, template: Any) -> None:
    page = template(page="{{ who('b') }}{% for x in 'c' %}{{ who(x) }}{% endfor %}")

    @pass_context
    def who(context: Any, word: str) -> str:
        return f"{context['name']}{word}"

    with app.test_request_context("/"):
        assert page.render(name="a", who=who) == "abac"


def test_a_macro_escapes_what_it_is_given_and_keeps_what_it_calls(
    app: Flask, template: Any
) -> None:
    page = template(
        parts="{% macro bold(words) %}<b>{{ words }}{{ caller() if caller }}</b>{% endmacro %}",
        page='{% from "parts.html" import bold %}{% call bold("<i>") %}{{ "&" }}{% endcall %}',
    )

    with app.test_request_context("/"):
        assert page.render() == "<b>&lt;i&gt;&amp;</b>"


def test_macros_are_those_of_their_own_template(app: Flask, template: Any) -> None:
    page = template(
        one="{% macro said() %}one{% endmacro %}",
        two="{% macro said() %}two{% endmacro %}",
        page='{% from "one.html" import said %}{{ said() }}{% from "two.html" import said %}{{ said() }}',
    )

    with app.test_request_context("/"):
        assert [page.render() for _ in range(2)] == ["onetwo"] * 2
