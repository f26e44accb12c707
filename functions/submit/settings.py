"""Settings of the public function."""

from typing import Annotated

from pydantic import AfterValidator, Field

from shared.runtime.settings import Settings, Texts


def _origins(values: tuple[str, ...]) -> tuple[str, ...]:
    # As people copy them from the address bar; a browser's Origin header has no slash at its end.
    return tuple(value.rstrip("/") for value in values)


class SubmitSettings(Settings):
    # Exact origins, e.g. https://www.example.com; none allows no cross-origin script.
    allowed_origins: Annotated[Texts, AfterValidator(_origins)]
    thank_you_pages: Texts  # whole addresses, where a form may send its visitor afterwards; may be empty
    clinic_phone: Annotated[str, Field(min_length=3)]  # as people read it
    amazon_roots: Annotated[str, Field(min_length=1)]  # path of Amazon's certificate authorities, for the first try
