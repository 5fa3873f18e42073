"""The page around every page: theme, language, navigation."""

import pytest
from django.template import RequestContext, Template
from django.test import RequestFactory
from model_bakery import baker

from people.models import Grant, Role, User

PAGE = Template('{% extends "base.html" %}{% block main %}<h1>Hello</h1>{% endblock %}')


def render(user, **cookies):
    request = RequestFactory().get("/")
    request.user = user
    request.COOKIES.update(cookies)
    return PAGE.render(RequestContext(request, {}))


@pytest.fixture
def agent(db):
    user = User.objects.create_user("amy@example.com", "x", name="Amy Ølsen")
    role = Role.objects.filter(slug="agent").first() or baker.make(
        Role, slug="agent", name="Agent", permissions=["view_own"]
    )
    Grant.objects.create(person=user, role=role)
    return user


def test_page_shows_name_and_no_admin_link_to_an_agent(agent):
    html = render(agent)
    assert "Amy Ølsen" in html
    assert ">AØ<" in html
    assert "/admin/" not in html


def test_page_has_no_inline_style_script_or_handler(agent):
    html = render(agent)
    assert "style=" not in html
    assert "<style" not in html
    assert " on" + "click" not in html
    assert "hx-on" not in html


def test_theme_of_the_cookie_is_written_by_the_server(agent):
    assert 'data-theme="dark"' in render(agent, laurel_theme="dark")
    assert "data-theme" not in render(agent, laurel_theme="nonsense")


def test_theme_is_kept_in_a_cookie_before_sign_in(client):
    response = client.post("/preferences/theme/", {"theme": "dark", "next": "/accounts/login/"})
    assert (response.status_code, response["Location"]) == (302, "/accounts/login/")
    assert response.cookies["laurel_theme"].value == "dark"


def test_theme_does_not_redirect_to_another_host(client):
    assert client.post("/preferences/theme/", {"theme": "dark", "next": "https://evil.example/"})["Location"] == "/"


def test_language_is_switched_without_sign_in(client):
    response = client.post("/preferences/language/", {"language": "de", "next": "/accounts/login/"})
    assert response.cookies["django_language"].value == "de"


def test_login_redirect_of_an_htmx_request_becomes_a_client_redirect(client, db):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/admin/?a=1"}
    response = client.post("/accounts/logout/", headers=headers)
    assert response.status_code in (200, 302)
    response = client.get("/accounts/2fa/", headers=headers)
    assert response.status_code == 200
    assert response["HX-Redirect"].startswith("/accounts/login/?next=/admin/%3Fa%3D1")
