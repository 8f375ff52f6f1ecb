"""Authlib and Requests-OAuthlib: the first argument says which."""

import base64
import hashlib
import json
import sys
from urllib.parse import parse_qs, urlsplit

which, issuer, redirect_uri = sys.argv[1:]
scope = "openid profile offline_access read:notes"
verifier = "a-verifier-of-a-program-in-python-a-verifier-of-a-program"
other_verifier = "another-verifier-another-verifier-another-verifier"
authorize_url, token_url = f"{issuer}authorize", f"{issuer}oauth/token"


def visit(url):
    """Sends the browser of the user to an address, and returns where it came back."""
    print("visit", url, flush=True)
    return sys.stdin.readline().strip()


def authlib():
    from authlib.integrations.requests_client import OAuth2Session

    session = OAuth2Session(
        "web-basic",
        "demo-secret-of-web-basic",
        scope=scope,
        redirect_uri=redirect_uri,
        code_challenge_method="S256",
    )

    def login(code_verifier):
        url, state = session.create_authorization_url(authorize_url, code_verifier=verifier)
        return session.fetch_token(
            token_url, authorization_response=visit(url), state=state, code_verifier=code_verifier
        )

    def refresh(token):
        return session.refresh_token(token_url, refresh_token=token["refresh_token"])

    return login, refresh


def requests_oauthlib():
    from requests_oauthlib import OAuth2Session

    session = OAuth2Session("native", scope=scope.split(), redirect_uri=redirect_uri)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()

    def login(code_verifier):
        url, _state = session.authorization_url(
            authorize_url, code_challenge=challenge, code_challenge_method="S256"
        )
        # It takes no callback URL that begins with http, not even on this machine, so it gets the code.
        (code,) = parse_qs(urlsplit(visit(url)).query)["code"]
        return session.fetch_token(token_url, code=code, code_verifier=code_verifier, include_client_id=True)

    def refresh(token):
        return session.refresh_token(token_url, refresh_token=token["refresh_token"], client_id="native")

    return login, refresh


login, refresh = {"authlib": authlib, "requests_oauthlib": requests_oauthlib}[which]()
token = login(verifier)
result = {"login": token["access_token"], "refresh": refresh(token)["access_token"]}
try:
    login(other_verifier)
except Exception as error:
    result["refusal"] = str(error)
print(json.dumps(result))
