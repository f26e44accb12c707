"""A visitor's request as API Gateway passes it to a function. All fields are filled in; each is a different person."""

import json
import uuid
from typing import Any


def fields() -> dict[str, object]:
    """Return every field that a clinic's form may send, about thirty."""
    own = str(uuid.uuid4())
    return {
        "name": "Robin Example",
        "asking_for": "self",
        "patient_is_adult": "yes",
        "email": f"robin-{own}@example.com",
        "phone": "(202) 555-0147",
        "preferred_contact": "phone",
        "best_time": "evening",
        "time_zone": "America/Chicago",
        "voicemail_ok": "no",
        "discreet": "yes",
        "call_me": "Robin",
        "location": "downtown",
        "interest": "depression",
        "symptoms": ["low_mood", "insomnia"],
        "message": f"Two antidepressants have not helped me. Could ketamine therapy? For example {own}.",
        "treatments_tried": "two_or_more",
        "health_notes": ["none"],
        "in_crisis": "no",
        "consent_contact": "yes",
        "consent_texts": "no",
        "consent_email_news": "no",
        "page": "https://www.example.com/ketamine",
        "referrer": "https://search.example.com/",
        "utm_source": "search",
        "utm_medium": "cpc",
        "utm_campaign": "autumn",
        "utm_term": "ketamine therapy",
        "utm_content": "first",
        "submission_id": own,
        "rendered_at": "1795460000000",
    }


def event() -> dict[str, Any]:
    """Return the event of a REST API's proxy integration for a post of `fields()`.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
    """
    body = json.dumps(fields())
    headers = {
        "Accept": "application/json",
        "Content-Type": "application/json",
        "Host": "abc123.execute-api.us-east-1.amazonaws.com",
        "Origin": "https://www.example.com",
        "Referer": "https://www.example.com/ketamine",
        "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
        "X-Amzn-Trace-Id": "Root=1-67891233-abcdef012345678912345678",
        "X-Forwarded-For": "198.51.100.7",
        "X-Forwarded-Port": "443",
        "X-Forwarded-Proto": "https",
    }
    return {
        "resource": "/consultations",
        "path": "/consultations",
        "httpMethod": "POST",
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "abc123",
            "authorizer": None,
            "domainName": "abc123.execute-api.us-east-1.amazonaws.com",
            "domainPrefix": "abc123",
            "extendedRequestId": "JKJaXmPLvHcESHA=",
            "httpMethod": "POST",
            "identity": {"sourceIp": "198.51.100.7", "userAgent": headers["User-Agent"]},
            "path": "/v1/consultations",
            "protocol": "HTTP/1.1",
            "requestId": str(uuid.uuid4()),
            "requestTime": "23/Nov/2026:12:00:00 +0000",
            "requestTimeEpoch": 1_795_435_200_000,
            "resourceId": "abc123",
            "resourcePath": "/consultations",
            "stage": "v1",
        },
        "body": body,
        "isBase64Encoded": False,
    }
