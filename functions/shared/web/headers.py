"""Headers of every answer."""

# A visitor's form may be in a frame of any site, and the answer has to appear there. So no answer to a visitor says who
# may frame it: a sandboxed frame matches no list, not even "*". There is no cookie, and nothing to gain by a click.
_SAFE = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=63072000",
    "X-Content-Type-Options": "nosniff",
}

# For an answer about one person's request. No cache may keep it.
PRIVATE = _SAFE | {"Cache-Control": "no-store"}

# A part of the policy of pages for staff: no page may show them in a frame.
UNFRAMED = "frame-ancestors 'none'; "

# For a page of staff, whose buttons change something. Nothing may show it in a frame or keep a handle on its window.
STAFF = PRIVATE | {
    "Content-Security-Policy": UNFRAMED + PRIVATE["Content-Security-Policy"],
    "Cross-Origin-Opener-Policy": "same-origin",
}

# For an answer that is the same for everyone. Caches keep it for an hour, and for one more day while they refresh it.
PUBLIC = _SAFE | {
    "Cache-Control": "public, max-age=3600, stale-while-revalidate=86400",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
