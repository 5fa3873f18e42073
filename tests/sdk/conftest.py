"""The official SDKs, pointed at a live server, with an empty HOME: they read settings from there."""

import importlib.util
import json

import pytest

from conftest import IN_CI
from integrations.api.enums import Acting
from integrations.api.tests.factories import make_client, make_token

from .strict import mistakes, nulls

NAME = "PureCloudPlatformClientV2"


@pytest.fixture
def empty_home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture
def sdk(empty_home):
    if importlib.util.find_spec(NAME) is None:
        reason = "The official SDK is not installed: .venv/bin/pip install -r requirements-sdk.txt"
        pytest.fail(reason) if IN_CI else pytest.skip(reason)
    return importlib.import_module(NAME)


class Sdk:
    """Calls by the SDK. Each answer is walked strictly as it came; what the SDK made of it comes back."""

    def __init__(self, sdk, host: str, token: str = ""):
        self.sdk, self.raw = sdk, None
        self.api = sdk.ApiClient(host=host)
        self.api.set_http_client(self._recording())
        self.api.access_token = token

    def _recording(self):
        outer = self

        class Recording(self.sdk.default_http_client.DefaultHttpClient):
            def request(self, http_request_options):
                response = super().request(http_request_options)
                outer.raw = json.loads(response.data) if response.data else None
                return response

        return Recording()

    def __getattr__(self, name):
        """A call by its name in the SDK, whichever of its classes has it."""
        classes = ("GamificationApi", "UsersApi", "TeamsApi", "AuthorizationApi")
        found = next(each for each in classes if hasattr(getattr(self.sdk, each), name))
        method = getattr(getattr(self.sdk, found)(self.api), name)

        def call(*args, **more):
            self.raw = None
            given = method(*args, **more)
            kind = method.__annotations__.get("return")
            if kind:
                kind = str(kind).strip("'\"")
                assert mistakes(self.sdk, self.raw, kind) == []
                assert self.raw, f"{name} said nothing"
            return given

        return call

    def generic(self, method: str, path: str, body=None, **query):
        """A call that the SDK has no method for, by its generic one: the answer as it came, without a null."""
        self.raw = None
        self.api.call_api(
            f"/api/v2/{path}",
            method,
            query_params=query,
            header_params={"Accept": "application/json", "Content-Type": "application/json"},
            body=body,
            response_type="object",
            auth_settings=["PureCloud OAuth"],
        )
        assert nulls(self.raw) == []
        return self.raw

    def refused(self, name, *args, **more) -> tuple[int, str]:
        """Status and code of a call that is refused."""
        with pytest.raises(self.sdk.rest.ApiException) as error:
            getattr(self, name)(*args, **more)
        return error.value.status, json.loads(error.value.body)["code"]


@pytest.fixture
def calling(sdk, live_server, centre):
    """Calls as somebody of the centre, or as a client with a role."""

    def as_whom(who: str) -> Sdk:
        if who in centre.people:
            client = make_client(acting=Acting.DEVICE)
            return Sdk(sdk, live_server.url, make_token(client, person=centre.people[who]))
        return Sdk(sdk, live_server.url, make_token(make_client(who)))

    return as_whom
