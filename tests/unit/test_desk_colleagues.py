"""The colleagues that a person can hand a request to, and what is asked of Cognito for that."""

from shared.leads.person import Person
from tests.unit.desk import MANAGER, NOBODY, NURSE, POOL_ID, Account, World


def test_colleagues_are_those_with_a_role_once_each_by_address() -> None:
    world = World()
    for email, enabled in (("Ann@Example.com", True), ("former@example.com", False)):
        account = Account(email, ["staff"], enabled)
        world.cognito.accounts[account.sub] = account
    assert world.pool.colleagues() == (Person("ann@example.com"), Person(MANAGER), Person(NURSE))
    assert Person(NOBODY) not in world.pool.colleagues()


def test_the_list_is_kept_for_five_minutes() -> None:
    world = World()
    world.pool.colleagues()
    asked = len(world.cognito.requests)
    world.cognito.accounts.clear()
    world.clock.sleep(299)
    assert len(world.pool.colleagues()) == 2
    assert len(world.cognito.requests) == asked
    world.clock.sleep(1)
    assert world.pool.colleagues() == ()


def test_without_cognito_the_last_list_counts() -> None:
    world = World()
    known = world.pool.colleagues()
    world.cognito.down = True
    world.clock.sleep(3600)
    assert world.pool.colleagues() == known
    fresh = World()
    fresh.cognito.down = True
    assert fresh.pool.colleagues() == ()
    fresh.cognito.down = False
    assert fresh.pool.colleagues() == ()
    fresh.clock.sleep(30)
    assert fresh.pool.colleagues() == known


def test_tokens_are_of_this_pool_and_its_keys_at_the_endpoint() -> None:
    pool = World().pool
    assert pool.issuer == f"https://cognito-idp.us-east-1.amazonaws.com/{POOL_ID}"
    assert pool.keys_url == f"{pool.issuer}/.well-known/jwks.json"
