"""AWS Signature Version 4 for a POST to "/", the only kind of request the first try sends to DynamoDB.

The rules: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html. botocore can sign
every request AWS knows, but loading it takes a third of a cold start. A test compares each signature with botocore's.
"""

import hashlib
import hmac
from collections.abc import Mapping


class Signer:
    """Signs requests with the credentials that Lambda gives a function, which stay valid while its process runs.

    `token` is empty for long-lived credentials.
    """

    def __init__(self, *, key_id: str, secret: str, token: str, region: str) -> None:
        self._key_id = key_id
        self._secret = secret
        self._token = token
        self._region = region
        self._last = "", b""  # a scope and its key

    def signed(self, headers: Mapping[str, str], body: bytes, *, sent_at: str) -> dict[str, str]:
        """Return `headers` and the headers that sign them and `body`.

        `headers` must include "host", with all names in lower case. `sent_at` is UTC, such as "20261129T093000Z".
        """
        all_headers = {**headers, "x-amz-date": sent_at}
        if self._token:
            all_headers["x-amz-security-token"] = self._token
        names = sorted(all_headers)
        lines = "".join(f"{name}:{all_headers[name]}\n" for name in names)
        signed_names = ";".join(names)
        request = f"POST\n/\n\n{lines}\n{signed_names}\n{hashlib.sha256(body).hexdigest()}"
        scope = f"{sent_at[:8]}/{self._region}/dynamodb/aws4_request"
        text = f"AWS4-HMAC-SHA256\n{sent_at}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
        signature = hmac.digest(self._key(scope), text.encode(), "sha256").hex()
        all_headers["authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={self._key_id}/{scope}, SignedHeaders={signed_names}, Signature={signature}"
        )
        return all_headers

    def _key(self, scope: str) -> bytes:
        """Return the key for `scope`. It is the same for a day, so it is kept."""
        known, key = self._last
        if known != scope:
            key = f"AWS4{self._secret}".encode()
            for part in scope.split("/"):
                key = hmac.digest(key, part.encode(), "sha256")
            self._last = scope, key
        return key
