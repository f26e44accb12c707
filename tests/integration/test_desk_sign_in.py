"""Signing in at the deployed desk, through Cognito's page, the API and the tables."""

from dataclasses import replace

import pytest

from tests.at_the_desk import DeskBrowser
from tests.deployed import Deployed
from tools.local.deployment import session
from tools.local.parameters import ACCOUNTS, Account

STAFF, MANAGER = ACCOUNTS


@pytest.fixture
def browser(deployed: Deployed) -> DeskBrowser:
    return DeskBrowser(deployed.stack.desk.url)


@pytest.mark.parametrize(("account", "status"), [(STAFF, 403), (MANAGER, 200)], ids=["staff", "manager"])
def test_a_link_survives_the_sign_in_and_the_role_decides(browser: DeskBrowser, account: Account, status: int) -> None:
    assert browser.sign_in(account, "/audit").status == status
    assert browser.get().status == 200
    assert account.email in browser.get().body


def test_nobody_is_let_in_without_a_sign_in(browser: DeskBrowser) -> None:
    for path in ("", "/audit", "/audit?person=nurse"):
        answer = browser.get(path)
        assert answer.status == 303
        assert "/oauth2/authorize?" in answer.headers["location"]
    assert browser.come_back_with_a_made_up_code().status == 400


def test_a_wrong_password_is_refused_by_cognito(browser: DeskBrowser) -> None:
    url, form = browser.form(STAFF)
    answer = browser.open(url, {**form, "password": "a wrong password"})
    assert "location" not in answer.headers or "code=" not in answer.headers["location"]


def test_an_account_without_a_role_stays_outside(deployed: Deployed, browser: DeskBrowser) -> None:
    pool, nobody = deployed.stack.desk.user_pool, replace(STAFF, email="nobody@example.com")
    cognito = session().client("cognito-idp", endpoint_url=deployed.aws)
    cognito.admin_create_user(UserPoolId=pool, Username=nobody.email, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=pool, Username=nobody.email, Password=nobody.password, Permanent=True)
    try:
        callback = browser.open(*browser.form(nobody)).headers["location"]
        assert browser.open(callback).status == 403
        assert browser.get().status == 303
    finally:
        cognito.admin_delete_user(UserPoolId=pool, Username=nobody.email)
