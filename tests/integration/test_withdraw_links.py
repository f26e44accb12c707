"""make withdraw-links, on the deployed stack, twice."""

from html import unescape
from pathlib import Path

from tests.deployed import Deployed, submission
from tests.operating import operate

REFUSED = "This link is incomplete"


def page_of_a_link(deployed: Deployed) -> str:
    """Send a request. Return the path of the page that the link in its alert opens."""
    reference = str(deployed.post_json(submission()).document["reference"])
    body = str(deployed.the_alert(reference)["BodyText"])
    address = next(word for word in body.split() if "/claim/" in word)
    return "/claim/" + address.rpartition("/claim/")[2]


def test_all_links_can_be_withdrawn_again_and_again(deployed: Deployed, tmp_path: Path) -> None:
    pages = [page_of_a_link(deployed)]
    assert REFUSED not in unescape(deployed.request("GET", pages[0]).body)
    for _ in range(2):
        told = operate(deployed, tmp_path, "withdraw-links")
        for function in ("notify", "follow-up", "claim", "desk"):
            assert f"Restarting {deployed.stack.name}-{function} ..." in told
        assert all(REFUSED in unescape(deployed.request("GET", page).body) for page in pages)
        pages.append(page_of_a_link(deployed))
        assert REFUSED not in unescape(deployed.request("GET", pages[-1]).body)
