"""Spanish for the United States, with "usted".

A native speaker should read these words before a clinic uses them: nobody has yet.
"""

from typing import Final

NAMES: Final = ("español", "espanol", "castellano", "spanish")  # what a form may call it, in small letters
NAME_FOR_STAFF: Final = "Spanish"
