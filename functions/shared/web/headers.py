"""Headers of every answer."""

SECURITY = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=63072000",
    "X-Content-Type-Options": "nosniff",
}

# For an answer about one person's request. No cache may keep it.
PRIVATE = SECURITY | {"Cache-Control": "no-store"}

# For an answer that is the same for everyone. Caches keep it for an hour, and for one more day while they refresh it.
PUBLIC = SECURITY | {
    "Cache-Control": "public, max-age=3600, stale-while-revalidate=86400",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
