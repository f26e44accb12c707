"""Settings of the public function."""

from typing import Annotated

from pydantic import AfterValidator, Field

from shared.runtime.settings import Key, Settings, Texts


def _origins(values: tuple[str, ...]) -> tuple[str, ...]:
    # People copy origins from the address bar, with a slash at the end. A browser's Origin header has none.
    return tuple(value.rstrip("/") for value in values)


class SubmitSettings(Settings):
    # Exact origins, e.g. https://www.example.com; an empty list allows no cross-origin script.
    allowed_origins: Annotated[Texts, AfterValidator(_origins)]
    thank_you_pages: Texts  # full addresses of pages that a form may send its visitor to afterward; may be empty
    clinic_phone: Annotated[str, Field(min_length=3)]  # as people read it
    amazon_roots: Annotated[str, Field(min_length=1)]  # path of Amazon's certificate authorities, for the first try
    id_key: Key  # makes the ids and fingerprints of leads
