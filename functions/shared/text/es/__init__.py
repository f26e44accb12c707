"""Spanish for the United States, with "usted".

A native speaker should read these words before a clinic uses them: nobody has yet.
"""

from typing import Final

LANGUAGE: Final = "es"  # for the lang attribute of pages
NAME: Final = "Español"
NAME_FOR_STAFF: Final = "Spanish"
