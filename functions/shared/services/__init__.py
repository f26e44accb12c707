"""Adapters to AWS and Cloudflare."""
